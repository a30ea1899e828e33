import type { DeleteRequest, PutRequest, RangeRequest, Revision } from './api.ts';
import { toByteString } from './byte-string.ts';
import { LATEST } from './key-index.ts';
import { executeRange } from './range.ts';
import { spanOf } from './span.ts';
import { REQUEST_BYTES_MAX } from './validate.ts';
import type { Versions } from './versions.ts';

/**
 * The answer to a write is kept for whoever asks again, travels in snapshots, and is sent between members in one
 * message: so it has a limit, which reads have not, as the member that is asked executes them itself.
 */
export const ANSWER_BYTES_MAX: number = 16 << 20;

type Asked = RangeRequest | PutRequest | DeleteRequest;

/** Whether the answers to these take no more than so much, in the state before the first write. */
export function doAnswersFit(
  asked: readonly Asked[],
  bytesMax: number,
  versions: Versions,
  current: Revision,
): boolean {
  if (sum(asked, mostBytes) <= bytesMax) return true; // nothing needs to be read to know
  return sum(asked, (one) => answerBytes(one, versions, current)) <= bytesMax;
}

function sum(asked: readonly Asked[], bytesOf: (one: Asked) => number): number {
  return asked.reduce((bytes, one) => bytes + bytesOf(one), 0);
}

/** What a key has was once in a request. */
function mostBytes(asked: Asked): number {
  if (!hasKeyValues(asked)) return 0;
  return asked.type === 'put' || asked.end === null ? REQUEST_BYTES_MAX : Number.POSITIVE_INFINITY;
}

function hasKeyValues(asked: Asked): boolean {
  return asked.type === 'range' ? !asked.countOnly : asked.previous;
}

function answerBytes(asked: Asked, versions: Versions, current: Revision): number {
  if (!hasKeyValues(asked)) return 0;
  switch (asked.type) {
    case 'range': {
      const at = asked.revision <= 0 || asked.revision === current ? LATEST : asked.revision;
      const { kvs } = executeRange(asked, versions, at, current);
      return kvs.reduce((bytes, { key, value }) => bytes + key.length + value.length, 0);
    }
    case 'put': {
      const before = versions.index.find(toByteString(asked.key), LATEST);
      return before === undefined ? 0 : versions.read(before).value.length;
    }
    case 'delete': {
      let bytes = 0;
      for (const { version } of versions.index.within(spanOf(asked), LATEST))
        bytes += versions.read(version).value.length;
      return bytes;
    }
    default:
      return asked satisfies never;
  }
}
