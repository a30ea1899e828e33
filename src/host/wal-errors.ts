export interface Damage {
  readonly file: string;
  readonly at: number;
  /** What was found there and what was expected. */
  readonly found: string;
  /** How the log shows that these bytes were durable once. */
  readonly proof: string;
}

/** Records that were acknowledged can't be read any more. The node must not start: it would forget its promises. */
export class WalCorruptError extends Error {
  override readonly name = 'WalCorruptError';
  readonly code = 'walCorrupt';
  readonly damage: Damage;

  constructor(damage: Damage) {
    super(
      `the write-ahead log is damaged: "${damage.file}" at byte ${damage.at}: ${damage.found} (${damage.proof}). ` +
        'Acknowledged records are lost here, so this node does not start. A store of one: restore the data directory ' +
        'from a backup. A member of a cluster: restore it, or remove this member and add a new one under a new name ' +
        'with an empty directory; do not start it under the old name with an empty directory, as it would break ' +
        'promises that it no longer remembers.',
    );
    this.name = 'WalCorruptError';
    this.damage = damage;
  }
}

/** The disk refused a write, or is full. Whether the last records are durable is unknown, so none is acknowledged. */
export class WalWriteError extends Error {
  override readonly name = 'WalWriteError';
  readonly code = 'walWrite';

  constructor(what: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`cannot ${what}: ${reason}. The node stops, as it can't make its records durable; free or repair the disk`, {
      cause,
    });
    this.name = 'WalWriteError';
  }
}
