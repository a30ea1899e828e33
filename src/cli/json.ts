import type { KeyValue, OperationResult, TxnResult } from '../client/index.ts';

/** A line of JSON; 64-bit numbers that JavaScript can't hold exactly become strings, sets lists, and maps of pairs. */
export function toJsonLine(value: unknown): string {
  return `${JSON.stringify(value, (_, field) => inJson(field))}\n`;
}

function inJson(field: unknown): unknown {
  if (typeof field === 'bigint') return String(field);
  return field instanceof Set || field instanceof Map ? [...field] : field;
}

/** Bytes as base64, and as text too where they are UTF-8. */
export function bytesFields<const Name extends string>(name: Name, bytes: Uint8Array): Record<string, string> {
  const text = utf8(bytes);
  const base64 = { [`${name}Base64`]: Buffer.from(bytes).toString('base64') };
  return text === null ? base64 : { [name]: text, ...base64 };
}

export function keyValueToJson(kv: KeyValue, keysOnly = false): Record<string, unknown> {
  return {
    ...bytesFields('key', kv.key),
    ...(keysOnly ? {} : bytesFields('value', kv.value)),
    createRevision: kv.createRevision,
    modRevision: kv.modRevision,
    version: kv.version,
    lease: kv.lease,
  };
}

export function txnToJson({ succeeded, revision, results }: TxnResult): Record<string, unknown> {
  return { succeeded, revision, results: results.map(resultToJson) };
}

function resultToJson(result: OperationResult): Record<string, unknown> {
  switch (result.type) {
    case 'get':
      return { type: 'get', kvs: result.kvs.map((kv) => keyValueToJson(kv)), count: result.count };
    case 'put':
      return { type: 'put' };
    case 'delete':
      return { type: 'delete', deleted: result.deleted };
    case 'txn':
      return { type: 'txn', ...txnToJson(result) };
    default:
      return result satisfies never;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
