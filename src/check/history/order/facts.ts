/** The event that wrote what everything held in the beginning. It comes before all others. */
export const INITIALLY = 0;

export interface Observation {
  readonly reader: number;
  /** The event that wrote what was read. */
  readonly writer: number;
  readonly key: number;
}

/** Who wrote what, and who saw it, when each version can be told from all others. */
export interface Facts {
  /** Events are numbered from 0, which is `INITIALLY`. */
  readonly size: number;
  readonly observations: readonly Observation[];
  /** By key: the events that wrote it, `INITIALLY` first. */
  readonly writers: readonly (readonly number[])[];
}
