import { HistoryError } from '../history-error.ts';

/** As it was read: a bigint if JavaScript does not hold it exactly as a number. */
export type ReadTime = number | bigint;

export function isTime(value: unknown): value is ReadTime {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** How to read times as numbers. Those that are too long for that, as nanoseconds since 1970, count from the first. */
export function clockOf(times: readonly ReadTime[]): (time: ReadTime) => number {
  const isLong = times.some((time) => typeof time === 'bigint');
  if (!isLong) return Number;
  const [first = 0n] = times
    .filter(isWhole)
    .map(BigInt)
    .sort((a, b) => (a < b ? -1 : 1));
  return (time) => {
    const since = isWhole(time) ? Number(BigInt(time) - first) : Number.NaN;
    if (Number.isSafeInteger(since)) return since;
    const what = `times are from ${first} to ${time}, which is further apart than JavaScript can tell exactly`;
    throw new HistoryError('malformed', `${what}: times are whole numbers of one clock`);
  };
}

function isWhole(time: ReadTime): boolean {
  return typeof time === 'bigint' || Number.isInteger(time);
}
