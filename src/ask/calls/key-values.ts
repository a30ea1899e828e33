import { decode, encode } from '../../kernel/index.ts';
import type { Outcome, Result } from '../../protocols/request-reply/index.ts';
import type { Operation, Report } from '../question.ts';

const NO_SUCH_KEY = 'no such key';
const NO_NUMBER = 'not a whole number';
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** Executes an operation on a store, changing it. */
export function perform(values: Map<string, string>, operation: Operation): Result {
  const { key } = operation;
  switch (operation.type) {
    case 'put':
      values.set(key, operation.value);
      return done('');
    case 'get': {
      const value = values.get(key);
      return value === undefined ? { type: 'rejected', message: NO_SUCH_KEY } : done(value);
    }
    case 'remove':
      return values.delete(key) ? done('') : { type: 'rejected', message: NO_SUCH_KEY };
    case 'increment': {
      const counted = incremented(values.get(key) ?? '0');
      if (counted === null) return { type: 'rejected', message: NO_NUMBER };
      values.set(key, counted);
      return done('');
    }
    default:
      return operation satisfies never;
  }
}

/** As the product's key-value service counts; null of what is no number, or would become too large. */
export function incremented(value: string, by = 1): string | null {
  if (!/^-?\d{1,20}$/.test(value)) return null;
  const number = BigInt(value) + BigInt(by);
  return number < INT64.min || number > INT64.max ? null : String(number);
}

function done(value: string): Result {
  return { type: 'done', body: encode(value) };
}

export function operationIn(body: Uint8Array): Operation {
  return decode(body) as Operation;
}

/** What an outcome is to the caller. */
export function reportOf(outcome: Outcome): Report {
  switch (outcome.type) {
    case 'answered':
      return reportOfResult(outcome.result);
    case 'refused':
      return 'failure';
    case 'unreachable':
    case 'unknownOutcome':
      return 'timeout';
    default:
      return outcome satisfies never;
  }
}

export function reportOfResult(result: Result): Report {
  switch (result.type) {
    case 'done':
      return 'success';
    case 'rejected':
      return result.message === NO_SUCH_KEY ? 'noKey' : 'failure';
    case 'failed':
      return 'failure';
    case 'interrupted':
    case 'unavailable':
    case 'sessionExpired':
      return 'timeout'; // nobody knows, and nobody says that anything went wrong
    default:
      return result satisfies never;
  }
}

/** What a successful GET returned. */
export function valueIn(outcome: Outcome): string | null {
  if (outcome.type !== 'answered' || outcome.result.type !== 'done') return null;
  return String(decode(outcome.result.body));
}
