/** How often each thing happened in a run: what shows that a fault was not only asked for. */
export interface Statistics {
  steps: number;
  /** Messages given to a process, from other nodes. */
  delivered: number;
  lost: number;
  duplicated: number;
  /** Messages that were to arrive before one that was sent earlier over the same link. */
  reordered: number;
  /** Messages that a partition stopped. */
  cut: number;
  /** Messages that were under way when their connection broke. */
  broken: number;
  /** Messages that waited because a link was busy with those before them, and those for which too many waited. */
  queued: number;
  overflowed: number;
  /** Messages for a process that was not there. */
  undeliverable: number;
  timersFired: number;
  outputs: number;
  syncs: number;
  records: number;
  crashes: number;
  restarts: number;
  pauses: number;
  /** Events that waited because their node was slow over the one before. */
  delayedSteps: number;
  /** Nodes that stopped because their disk was full. */
  fullDisks: number;
  /** Disks whose content rotted, and starts that a node refused because of that. */
  rottenDisks: number;
  refusedStarts: number;
  /** Records that a crash destroyed, and among those the ones that left a torn piece behind. */
  lostRecords: number;
  tornRecords: number;
  /** Records that survived a crash although they were not yet durable. */
  survivingRecords: number;
  /** Flushes that a crash undid. */
  lostFlushes: number;
}

export function noStatistics(): Statistics {
  return {
    steps: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    cut: 0,
    broken: 0,
    queued: 0,
    overflowed: 0,
    undeliverable: 0,
    timersFired: 0,
    outputs: 0,
    syncs: 0,
    records: 0,
    crashes: 0,
    restarts: 0,
    pauses: 0,
    delayedSteps: 0,
    fullDisks: 0,
    rottenDisks: 0,
    refusedStarts: 0,
    lostRecords: 0,
    tornRecords: 0,
    survivingRecords: 0,
    lostFlushes: 0,
  };
}
