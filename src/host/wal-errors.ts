export interface Damage {
  readonly file: string;
  readonly at: number;
  /** What was found there and what was expected. */
  readonly found: string;
  /** How the log shows that these bytes were durable once. */
  readonly proof: string;
}

/** What the operator can do who has lost a log. An older log is no remedy for a member: it has forgotten promises. */
const REMEDY =
  'Put the files back as they were. If they are lost: a store of one can be restored, the whole data directory, from a ' +
  'backup. A member of a cluster can not, neither on a backup nor on an empty directory, as it would break promises ' +
  'that it no longer remembers, and the others refuse it: keep the others running, and copy their keys ' +
  "(coterie get '' --prefix --json) into a new cluster.";

/** Records that were acknowledged can't be read any more. The node must not start: it would forget its promises. */
export class WalCorruptError extends Error {
  override readonly name = 'WalCorruptError';
  readonly code = 'walCorrupt';
  readonly damage: Damage;

  constructor(damage: Damage) {
    super(
      `the write-ahead log is damaged: "${damage.file}" at byte ${damage.at}: ${damage.found} (${damage.proof}). ` +
        `Acknowledged records are lost here, so this node does not start. ${REMEDY}`,
    );
    this.damage = damage;
  }
}

/** The log is gone from a directory that had one. */
export class WalMissingError extends Error {
  override readonly name = 'WalMissingError';
  readonly code = 'walMissing';

  constructor(directory: string) {
    super(
      `the write-ahead log is missing: there are no segments in "${directory}", although this node has run here. ` +
        `Acknowledged records are lost, so this node does not start. ${REMEDY}`,
    );
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
  }
}
