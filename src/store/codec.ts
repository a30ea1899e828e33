import type { Compare, CompareRelation, Operation, RangeRequest, SortTarget, StoreRequest, TxnRequest } from './api.ts';
import {
  ByteReader,
  ByteWriter,
  blobBytes,
  countBytes,
  INT64_BYTES,
  MalformedBytesError,
  NUMBER_BYTES,
} from './byte-layout.ts';

/**
 * The bytes of a request in the replicated log: a kind, flags that say which fields follow, the fields. Written by
 * hand, as every write of the store passes here once each way.
 */
export function encodeRequest(request: StoreRequest): Uint8Array {
  const writer = new ByteWriter(encodedBytes(request));
  writeRequest(writer, request);
  return writer.bytes;
}

/**
 * The keys and values of the request are views of the bytes.
 * @throws MalformedBytesError if `encodeRequest` never wrote such bytes
 */
export function decodeRequest(bytes: Uint8Array): StoreRequest {
  const reader = new ByteReader(bytes);
  const request = readRequest(reader, 0);
  reader.end();
  return request;
}

/** The length of the request's encoding. */
export function encodedBytes(request: StoreRequest): number {
  switch (request.type) {
    case 'put':
      return 2 + blobBytes(request.key) + (request.lease === 0n ? 0 : INT64_BYTES) + blobBytes(request.value);
    case 'range':
      return (
        5 + keysBytes(request) + NUMBER_BYTES * NUMBERS.reduce((sum, name) => sum + Number(request[name] !== 0), 0)
      );
    case 'delete':
      return 2 + keysBytes(request);
    case 'txn':
      return (
        1 +
        listBytes(request.compares, encodedCompareBytes) +
        listBytes(request.success, encodedBytes) +
        listBytes(request.failure, encodedBytes)
      );
    case 'compact':
      return 1 + NUMBER_BYTES;
    case 'increment':
      return 1 + blobBytes(request.key) + INT64_BYTES;
    default:
      return request satisfies never;
  }
}

const RANGE = 1;
const PUT = 2;
const DELETE = 3;
const TXN = 4;
const COMPACT = 5;
const INCREMENT = 6;

const WITH_END = 1;
const PREVIOUS = 2;
const IGNORE_VALUE = 4;
const IGNORE_LEASE = 8;
const WITH_LEASE = 16;
const KEYS_ONLY = 32;
const COUNT_ONLY = 64;

/** Append only: a code is a position, and old logs hold them. */
const ORDERS: readonly RangeRequest['order'][] = ['none', 'ascend', 'descend'];
const SORT_TARGETS: readonly SortTarget[] = ['key', 'version', 'create', 'mod', 'value'];
const RELATIONS: readonly CompareRelation[] = ['equal', 'notEqual', 'greater', 'less'];
const COMPARE_TARGETS: readonly Compare['target'][] = ['version', 'create', 'mod', 'value', 'lease'];
const NUMBERS = [
  'revision',
  'limit',
  'minModRevision',
  'maxModRevision',
  'minCreateRevision',
  'maxCreateRevision',
] as const;

/** Deeper than any request that validation lets through; keeps a hostile one from exhausting the stack. */
const DEPTH_MAX = 256;

function writeRequest(writer: ByteWriter, request: StoreRequest): void {
  switch (request.type) {
    case 'put':
      writer.byte(PUT);
      writer.byte(
        (request.previous ? PREVIOUS : 0) |
          (request.ignoreValue ? IGNORE_VALUE : 0) |
          (request.ignoreLease ? IGNORE_LEASE : 0) |
          (request.lease === 0n ? 0 : WITH_LEASE),
      );
      writer.blob(request.key);
      if (request.lease !== 0n) writer.int64(request.lease);
      writer.blob(request.value);
      return;
    case 'range':
      writeRange(writer, request);
      return;
    case 'delete':
      writer.byte(DELETE);
      writer.byte((request.previous ? PREVIOUS : 0) | endFlag(request.end));
      writer.blob(request.key);
      if (request.end !== null) writer.blob(request.end);
      return;
    case 'txn':
      writeTxn(writer, request);
      return;
    case 'compact':
      writer.byte(COMPACT);
      writer.number(request.revision);
      return;
    case 'increment':
      writer.byte(INCREMENT);
      writer.blob(request.key);
      writer.int64(request.by);
      return;
    default:
      request satisfies never;
  }
}

function writeRange(writer: ByteWriter, request: RangeRequest): void {
  writer.byte(RANGE);
  writer.byte((request.keysOnly ? KEYS_ONLY : 0) | (request.countOnly ? COUNT_ONLY : 0) | endFlag(request.end));
  writer.byte(ORDERS.indexOf(request.order));
  writer.byte(SORT_TARGETS.indexOf(request.sortBy));
  writer.byte(NUMBERS.reduce((mask, name, bit) => (request[name] === 0 ? mask : mask | (1 << bit)), 0));
  writer.blob(request.key);
  if (request.end !== null) writer.blob(request.end);
  for (const name of NUMBERS) if (request[name] !== 0) writer.number(request[name]);
}

function writeTxn(writer: ByteWriter, request: TxnRequest): void {
  writer.byte(TXN);
  writer.count(request.compares.length);
  for (const compare of request.compares) writeCompare(writer, compare);
  for (const operations of [request.success, request.failure]) {
    writer.count(operations.length);
    for (const operation of operations) writeRequest(writer, operation);
  }
}

function writeCompare(writer: ByteWriter, compare: Compare): void {
  writer.byte(COMPARE_TARGETS.indexOf(compare.target));
  writer.byte(RELATIONS.indexOf(compare.relation));
  writer.byte(endFlag(compare.end));
  writer.blob(compare.key);
  if (compare.end !== null) writer.blob(compare.end);
  switch (compare.target) {
    case 'version':
      writer.number(compare.version);
      return;
    case 'create':
    case 'mod':
      writer.number(compare.revision);
      return;
    case 'value':
      writer.blob(compare.value);
      return;
    case 'lease':
      writer.int64(compare.lease);
      return;
    default:
      compare satisfies never;
  }
}

function readRequest(reader: ByteReader, depth: number): StoreRequest {
  const kind = reader.byte();
  switch (kind) {
    case PUT: {
      const flags = reader.byte();
      return {
        type: 'put',
        key: reader.blob(),
        lease: (flags & WITH_LEASE) === 0 ? 0n : reader.int64(),
        value: reader.blob(),
        previous: (flags & PREVIOUS) !== 0,
        ignoreValue: (flags & IGNORE_VALUE) !== 0,
        ignoreLease: (flags & IGNORE_LEASE) !== 0,
      };
    }
    case RANGE:
      return readRange(reader);
    case DELETE: {
      const flags = reader.byte();
      return { type: 'delete', key: reader.blob(), end: readEnd(reader, flags), previous: (flags & PREVIOUS) !== 0 };
    }
    case TXN:
      return readTxn(reader, depth);
    case COMPACT:
      return { type: 'compact', revision: reader.number() };
    case INCREMENT:
      return { type: 'increment', key: reader.blob(), by: reader.int64() };
    default:
      throw new MalformedBytesError(`there is no request of kind ${kind}`);
  }
}

function readRange(reader: ByteReader): RangeRequest {
  const flags = reader.byte();
  const order = named(ORDERS, reader.byte());
  const sortBy = named(SORT_TARGETS, reader.byte());
  const mask = reader.byte();
  const key = reader.blob();
  const end = readEnd(reader, flags);
  const [revision, limit, minModRevision, maxModRevision, minCreateRevision, maxCreateRevision] = NUMBERS.map(
    (_, bit) => ((mask & (1 << bit)) === 0 ? 0 : reader.number()),
  );
  return {
    type: 'range',
    key,
    end,
    revision: revision ?? 0,
    limit: limit ?? 0,
    order,
    sortBy,
    keysOnly: (flags & KEYS_ONLY) !== 0,
    countOnly: (flags & COUNT_ONLY) !== 0,
    minModRevision: minModRevision ?? 0,
    maxModRevision: maxModRevision ?? 0,
    minCreateRevision: minCreateRevision ?? 0,
    maxCreateRevision: maxCreateRevision ?? 0,
  };
}

function readTxn(reader: ByteReader, depth: number): TxnRequest {
  if (depth === DEPTH_MAX) throw new MalformedBytesError(`transactions are nested deeper than ${DEPTH_MAX}`);
  return {
    type: 'txn',
    compares: readList(reader, readCompare),
    success: readList(reader, (from) => readOperation(from, depth + 1)),
    failure: readList(reader, (from) => readOperation(from, depth + 1)),
  };
}

function readOperation(reader: ByteReader, depth: number): Operation {
  const request = readRequest(reader, depth);
  if (request.type === 'compact' || request.type === 'increment') {
    throw new MalformedBytesError(`a transaction holds a request of type ${request.type}`);
  }
  return request;
}

function readCompare(reader: ByteReader): Compare {
  const target = named(COMPARE_TARGETS, reader.byte());
  const relation = named(RELATIONS, reader.byte());
  const flags = reader.byte();
  const key = reader.blob();
  const end = readEnd(reader, flags);
  switch (target) {
    case 'version':
      return { key, end, relation, target, version: reader.number() };
    case 'create':
    case 'mod':
      return { key, end, relation, target, revision: reader.number() };
    case 'value':
      return { key, end, relation, target, value: reader.blob() };
    case 'lease':
      return { key, end, relation, target, lease: reader.int64() };
    default:
      return target satisfies never;
  }
}

function readEnd(reader: ByteReader, flags: number): Uint8Array | null {
  return (flags & WITH_END) === 0 ? null : reader.blob();
}

function readList<X>(reader: ByteReader, readOne: (reader: ByteReader) => X): X[] {
  const list: X[] = [];
  for (let left = reader.count(); left > 0; left -= 1) list.push(readOne(reader));
  return list;
}

function named<X>(names: readonly X[], code: number): X {
  const name = names[code];
  if (name === undefined) throw new MalformedBytesError(`code ${code} is none of ${names.join(', ')}`);
  return name;
}

function endFlag(end: Uint8Array | null): number {
  return end === null ? 0 : WITH_END;
}

function keysBytes({ key, end }: { readonly key: Uint8Array; readonly end: Uint8Array | null }): number {
  return blobBytes(key) + (end === null ? 0 : blobBytes(end));
}

function listBytes<X>(list: readonly X[], oneBytes: (one: X) => number): number {
  let bytes = countBytes(list.length);
  for (const one of list) bytes += oneBytes(one);
  return bytes;
}

function encodedCompareBytes(compare: Compare): number {
  const bytes = 3 + keysBytes(compare);
  return bytes + (compare.target === 'value' ? blobBytes(compare.value) : NUMBER_BYTES);
}
