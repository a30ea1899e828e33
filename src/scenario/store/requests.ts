import type { KeyValueInput } from '../../check/history/index.ts';
import type { KeyValue, PutRequest, RangeRequest, StoreRequest, StoreResponse } from '../../store/api.ts';
import { fromByteString, toByteString } from '../../store/byte-string.ts';
import * as requests from '../../store/requests.ts';

/** The store's requests in the words of its history's model. Keys and values are ASCII. */
export function requestOf(input: KeyValueInput): StoreRequest {
  const key = fromByteString(input.key);
  switch (input.type) {
    case 'get':
      return range(input.key, null);
    case 'put':
      return put(input.key, String(input.value));
    case 'delete':
      return requests.remove(key);
    case 'compareAndSet':
      return requests.txn(
        [{ target: 'value', relation: 'equal', key, end: null, value: fromByteString(String(input.expected)) }],
        [put(input.key, String(input.value))],
      );
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
  return requests.range(fromByteString(key), { end: end === null ? null : fromByteString(end) });
}

export function put(key: string, value: string): PutRequest {
  return requests.put(fromByteString(key), fromByteString(value));
}
