import type { KeyValueInput } from '../../check/history/index.ts';
import type { KeyValue, RangeRequest, StoreRequest, StoreResponse } from '../../store/api.ts';
import { fromByteString, toByteString } from '../../store/byte-string.ts';

/** The store's requests in the words of its history's model. Keys and values are ASCII. */
export function requestOf(input: KeyValueInput): StoreRequest {
  const key = fromByteString(input.key);
  switch (input.type) {
    case 'get':
      return range(input.key, null);
    case 'put':
      return put(input.key, String(input.value));
    case 'delete':
      return { type: 'delete', key, end: null, previous: false };
    case 'compareAndSet':
      return {
        type: 'txn',
        compares: [
          { target: 'value', relation: 'equal', key, end: null, value: fromByteString(String(input.expected)) },
        ],
        success: [put(input.key, String(input.value))],
        failure: [],
      };
    default:
      throw new Error(`no scenario asks for ${input.type}`);
  }
}

/** What the store answered, as the model would. */
export function outputOf(response: StoreResponse): unknown {
  switch (response.type) {
    case 'range': {
      const [found] = response.kvs;
      return found === undefined ? null : textOf(found);
    }
    case 'put':
      return undefined;
    case 'delete':
      return response.deleted > 0;
    case 'txn':
      return response.succeeded;
    default:
      throw new Error(`no operation of a scenario is answered by ${response.type}`);
  }
}

export function textOf({ value }: KeyValue): string {
  return toByteString(value);
}

export function keyOf({ key }: KeyValue): string {
  return toByteString(key);
}

/** One key, or all from it up to another. */
export function range(key: string, end: string | null): RangeRequest {
  return {
    type: 'range',
    key: fromByteString(key),
    end: end === null ? null : fromByteString(end),
    revision: 0,
    limit: 0,
    order: 'none',
    sortBy: 'key',
    keysOnly: false,
    countOnly: false,
    minModRevision: 0,
    maxModRevision: 0,
    minCreateRevision: 0,
    maxCreateRevision: 0,
  };
}

export function put(key: string, value: string): Extract<StoreRequest, { type: 'put' }> {
  return {
    type: 'put',
    key: fromByteString(key),
    value: fromByteString(value),
    lease: 0n,
    previous: false,
    ignoreValue: false,
    ignoreLease: false,
  };
}
