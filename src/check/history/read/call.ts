/** One operation of a history as it was read: what was called, whatever the object is. */
export interface Call {
  /** Where it was read. */
  readonly line: number;
  /** Where its end was, if that is told by itself. */
  readonly endLine?: number;
  readonly client: string;
  readonly invokeAt: number;
  /** Null if the outcome is unknown. */
  readonly completeAt: number | null;
  readonly outcome: 'ok' | 'failed' | 'unknown';
  /** What it is called in the history: `read`, `cas`, `txn`. */
  readonly f: string;
  /** Of several objects, which; null if there is but one, or it is told otherwise. */
  readonly key: unknown;
  /** What was given with it, and what came back. */
  readonly value: unknown;
  readonly answer: unknown;
  /** All that was given, where the history tells it as one. */
  readonly input?: unknown;
}
