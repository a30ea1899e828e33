// Generated from proto/etcdserverpb.proto by scripts/generate-wire.ts (npm run wire). Do not edit.

import type { MethodDefinition } from '@grpc/grpc-js';
import { type Codec, codec } from './codec.ts';
import { type KeyValue, readKeyValue, writeKeyValue } from './mvccpb.ts';
import { NO_BYTES, type Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export type Unserved = Record<string, never>;

function newUnserved(): Unserved {
  return {};
}

export function writeUnserved(_writer: Writer, _message: Unserved): void {}

export function readUnserved(reader: Reader): Unserved {
  while (reader.more()) {
    reader.skip(reader.tag());
  }
  return {};
}

export const Unserved: Codec<Unserved> = codec(newUnserved, writeUnserved, readUnserved);

export interface ResponseHeader {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly revision: number;
  readonly raftTerm: number;
}

function newResponseHeader(fields: Partial<ResponseHeader> = {}): ResponseHeader {
  return {
    clusterId: fields.clusterId ?? 0n,
    memberId: fields.memberId ?? 0n,
    revision: fields.revision ?? 0,
    raftTerm: fields.raftTerm ?? 0,
  };
}

export function writeResponseHeader(writer: Writer, message: ResponseHeader): void {
  if (message.raftTerm !== 0) {
    writer.uint64AsNumber(message.raftTerm);
    writer.tag(32);
  }
  if (message.revision !== 0) {
    writer.int64AsNumber(message.revision);
    writer.tag(24);
  }
  if (message.memberId !== 0n) {
    writer.uint64(message.memberId);
    writer.tag(16);
  }
  if (message.clusterId !== 0n) {
    writer.uint64(message.clusterId);
    writer.tag(8);
  }
}

export function readResponseHeader(reader: Reader): ResponseHeader {
  let clusterId: bigint = 0n;
  let memberId: bigint = 0n;
  let revision: number = 0;
  let raftTerm: number = 0;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 8:
        clusterId = reader.uint64();
        break;
      case 16:
        memberId = reader.uint64();
        break;
      case 24:
        revision = reader.int64AsNumber();
        break;
      case 32:
        raftTerm = reader.uint64AsNumber();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { clusterId, memberId, revision, raftTerm };
}

export const ResponseHeader: Codec<ResponseHeader> = codec(newResponseHeader, writeResponseHeader, readResponseHeader);

export interface RangeRequest {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
  readonly limit: number;
  readonly revision: number;
  readonly sortOrder: number;
  readonly sortTarget: number;
  readonly serializable: boolean;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  readonly minModRevision: number;
  readonly maxModRevision: number;
  readonly minCreateRevision: number;
  readonly maxCreateRevision: number;
}

function newRangeRequest(fields: Partial<RangeRequest> = {}): RangeRequest {
  return {
    key: fields.key ?? NO_BYTES,
    rangeEnd: fields.rangeEnd ?? NO_BYTES,
    limit: fields.limit ?? 0,
    revision: fields.revision ?? 0,
    sortOrder: fields.sortOrder ?? 0,
    sortTarget: fields.sortTarget ?? 0,
    serializable: fields.serializable ?? false,
    keysOnly: fields.keysOnly ?? false,
    countOnly: fields.countOnly ?? false,
    minModRevision: fields.minModRevision ?? 0,
    maxModRevision: fields.maxModRevision ?? 0,
    minCreateRevision: fields.minCreateRevision ?? 0,
    maxCreateRevision: fields.maxCreateRevision ?? 0,
  };
}

export function writeRangeRequest(writer: Writer, message: RangeRequest): void {
  if (message.maxCreateRevision !== 0) {
    writer.int64AsNumber(message.maxCreateRevision);
    writer.tag(104);
  }
  if (message.minCreateRevision !== 0) {
    writer.int64AsNumber(message.minCreateRevision);
    writer.tag(96);
  }
  if (message.maxModRevision !== 0) {
    writer.int64AsNumber(message.maxModRevision);
    writer.tag(88);
  }
  if (message.minModRevision !== 0) {
    writer.int64AsNumber(message.minModRevision);
    writer.tag(80);
  }
  if (message.countOnly) {
    writer.bool(message.countOnly);
    writer.tag(72);
  }
  if (message.keysOnly) {
    writer.bool(message.keysOnly);
    writer.tag(64);
  }
  if (message.serializable) {
    writer.bool(message.serializable);
    writer.tag(56);
  }
  if (message.sortTarget !== 0) {
    writer.int32(message.sortTarget);
    writer.tag(48);
  }
  if (message.sortOrder !== 0) {
    writer.int32(message.sortOrder);
    writer.tag(40);
  }
  if (message.revision !== 0) {
    writer.int64AsNumber(message.revision);
    writer.tag(32);
  }
  if (message.limit !== 0) {
    writer.int64AsNumber(message.limit);
    writer.tag(24);
  }
  if (message.rangeEnd.length !== 0) {
    writer.bytes(message.rangeEnd);
    writer.tag(18);
  }
  if (message.key.length !== 0) {
    writer.bytes(message.key);
    writer.tag(10);
  }
}

export function readRangeRequest(reader: Reader): RangeRequest {
  let key: Uint8Array = NO_BYTES;
  let rangeEnd: Uint8Array = NO_BYTES;
  let limit: number = 0;
  let revision: number = 0;
  let sortOrder: number = 0;
  let sortTarget: number = 0;
  let serializable: boolean = false;
  let keysOnly: boolean = false;
  let countOnly: boolean = false;
  let minModRevision: number = 0;
  let maxModRevision: number = 0;
  let minCreateRevision: number = 0;
  let maxCreateRevision: number = 0;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        key = reader.bytes();
        break;
      case 18:
        rangeEnd = reader.bytes();
        break;
      case 24:
        limit = reader.int64AsNumber();
        break;
      case 32:
        revision = reader.int64AsNumber();
        break;
      case 40:
        sortOrder = reader.int32();
        break;
      case 48:
        sortTarget = reader.int32();
        break;
      case 56:
        serializable = reader.bool();
        break;
      case 64:
        keysOnly = reader.bool();
        break;
      case 72:
        countOnly = reader.bool();
        break;
      case 80:
        minModRevision = reader.int64AsNumber();
        break;
      case 88:
        maxModRevision = reader.int64AsNumber();
        break;
      case 96:
        minCreateRevision = reader.int64AsNumber();
        break;
      case 104:
        maxCreateRevision = reader.int64AsNumber();
        break;
      default:
        reader.skip(tag);
    }
  }
  return {
    key,
    rangeEnd,
    limit,
    revision,
    sortOrder,
    sortTarget,
    serializable,
    keysOnly,
    countOnly,
    minModRevision,
    maxModRevision,
    minCreateRevision,
    maxCreateRevision,
  };
}

export const RangeRequest: Codec<RangeRequest> = codec(newRangeRequest, writeRangeRequest, readRangeRequest);

/** Fields of this type are plain numbers: a newer peer may send one that is not here. */
export const SortOrder = { NONE: 0, ASCEND: 1, DESCEND: 2 } as const;

/** Fields of this type are plain numbers: a newer peer may send one that is not here. */
export const SortTarget = { KEY: 0, VERSION: 1, CREATE: 2, MOD: 3, VALUE: 4 } as const;

export interface RangeResponse {
  readonly header: ResponseHeader | null;
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
  readonly count: number;
}

function newRangeResponse(fields: Partial<RangeResponse> = {}): RangeResponse {
  return { header: fields.header ?? null, kvs: fields.kvs ?? [], more: fields.more ?? false, count: fields.count ?? 0 };
}

export function writeRangeResponse(writer: Writer, message: RangeResponse): void {
  if (message.count !== 0) {
    writer.int64AsNumber(message.count);
    writer.tag(32);
  }
  if (message.more) {
    writer.bool(message.more);
    writer.tag(24);
  }
  for (let i = message.kvs.length - 1; i >= 0; i -= 1) {
    const item = message.kvs[i];
    if (item === undefined) continue;
    const before = writer.length;
    writeKeyValue(writer, item);
    writer.nested(before);
    writer.tag(18);
  }
  if (message.header !== null) {
    const before = writer.length;
    writeResponseHeader(writer, message.header);
    writer.nested(before);
    writer.tag(10);
  }
}

export function readRangeResponse(reader: Reader): RangeResponse {
  let header: ResponseHeader | null = null;
  const kvs: KeyValue[] = [];
  let more: boolean = false;
  let count: number = 0;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10: {
        const outer = reader.enter();
        const value = readResponseHeader(reader);
        reader.leave(outer);
        header = value;
        break;
      }
      case 18: {
        const outer = reader.enter();
        const value = readKeyValue(reader);
        reader.leave(outer);
        kvs.push(value);
        break;
      }
      case 24:
        more = reader.bool();
        break;
      case 32:
        count = reader.int64AsNumber();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { header, kvs, more, count };
}

export const RangeResponse: Codec<RangeResponse> = codec(newRangeResponse, writeRangeResponse, readRangeResponse);

export interface PutRequest {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly lease: bigint;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

function newPutRequest(fields: Partial<PutRequest> = {}): PutRequest {
  return {
    key: fields.key ?? NO_BYTES,
    value: fields.value ?? NO_BYTES,
    lease: fields.lease ?? 0n,
    prevKv: fields.prevKv ?? false,
    ignoreValue: fields.ignoreValue ?? false,
    ignoreLease: fields.ignoreLease ?? false,
  };
}

export function writePutRequest(writer: Writer, message: PutRequest): void {
  if (message.ignoreLease) {
    writer.bool(message.ignoreLease);
    writer.tag(48);
  }
  if (message.ignoreValue) {
    writer.bool(message.ignoreValue);
    writer.tag(40);
  }
  if (message.prevKv) {
    writer.bool(message.prevKv);
    writer.tag(32);
  }
  if (message.lease !== 0n) {
    writer.int64(message.lease);
    writer.tag(24);
  }
  if (message.value.length !== 0) {
    writer.bytes(message.value);
    writer.tag(18);
  }
  if (message.key.length !== 0) {
    writer.bytes(message.key);
    writer.tag(10);
  }
}

export function readPutRequest(reader: Reader): PutRequest {
  let key: Uint8Array = NO_BYTES;
  let value: Uint8Array = NO_BYTES;
  let lease: bigint = 0n;
  let prevKv: boolean = false;
  let ignoreValue: boolean = false;
  let ignoreLease: boolean = false;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        key = reader.bytes();
        break;
      case 18:
        value = reader.bytes();
        break;
      case 24:
        lease = reader.int64();
        break;
      case 32:
        prevKv = reader.bool();
        break;
      case 40:
        ignoreValue = reader.bool();
        break;
      case 48:
        ignoreLease = reader.bool();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { key, value, lease, prevKv, ignoreValue, ignoreLease };
}

export const PutRequest: Codec<PutRequest> = codec(newPutRequest, writePutRequest, readPutRequest);

export interface PutResponse {
  readonly header: ResponseHeader | null;
  readonly prevKv: KeyValue | null;
}

function newPutResponse(fields: Partial<PutResponse> = {}): PutResponse {
  return { header: fields.header ?? null, prevKv: fields.prevKv ?? null };
}

export function writePutResponse(writer: Writer, message: PutResponse): void {
  if (message.prevKv !== null) {
    const before = writer.length;
    writeKeyValue(writer, message.prevKv);
    writer.nested(before);
    writer.tag(18);
  }
  if (message.header !== null) {
    const before = writer.length;
    writeResponseHeader(writer, message.header);
    writer.nested(before);
    writer.tag(10);
  }
}

export function readPutResponse(reader: Reader): PutResponse {
  let header: ResponseHeader | null = null;
  let prevKv: KeyValue | null = null;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10: {
        const outer = reader.enter();
        const value = readResponseHeader(reader);
        reader.leave(outer);
        header = value;
        break;
      }
      case 18: {
        const outer = reader.enter();
        const value = readKeyValue(reader);
        reader.leave(outer);
        prevKv = value;
        break;
      }
      default:
        reader.skip(tag);
    }
  }
  return { header, prevKv };
}

export const PutResponse: Codec<PutResponse> = codec(newPutResponse, writePutResponse, readPutResponse);

export interface DeleteRangeRequest {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
  readonly prevKv: boolean;
}

function newDeleteRangeRequest(fields: Partial<DeleteRangeRequest> = {}): DeleteRangeRequest {
  return { key: fields.key ?? NO_BYTES, rangeEnd: fields.rangeEnd ?? NO_BYTES, prevKv: fields.prevKv ?? false };
}

export function writeDeleteRangeRequest(writer: Writer, message: DeleteRangeRequest): void {
  if (message.prevKv) {
    writer.bool(message.prevKv);
    writer.tag(24);
  }
  if (message.rangeEnd.length !== 0) {
    writer.bytes(message.rangeEnd);
    writer.tag(18);
  }
  if (message.key.length !== 0) {
    writer.bytes(message.key);
    writer.tag(10);
  }
}

export function readDeleteRangeRequest(reader: Reader): DeleteRangeRequest {
  let key: Uint8Array = NO_BYTES;
  let rangeEnd: Uint8Array = NO_BYTES;
  let prevKv: boolean = false;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        key = reader.bytes();
        break;
      case 18:
        rangeEnd = reader.bytes();
        break;
      case 24:
        prevKv = reader.bool();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { key, rangeEnd, prevKv };
}

export const DeleteRangeRequest: Codec<DeleteRangeRequest> = codec(
  newDeleteRangeRequest,
  writeDeleteRangeRequest,
  readDeleteRangeRequest,
);

export interface DeleteRangeResponse {
  readonly header: ResponseHeader | null;
  readonly deleted: number;
  readonly prevKvs: readonly KeyValue[];
}

function newDeleteRangeResponse(fields: Partial<DeleteRangeResponse> = {}): DeleteRangeResponse {
  return { header: fields.header ?? null, deleted: fields.deleted ?? 0, prevKvs: fields.prevKvs ?? [] };
}

export function writeDeleteRangeResponse(writer: Writer, message: DeleteRangeResponse): void {
  for (let i = message.prevKvs.length - 1; i >= 0; i -= 1) {
    const item = message.prevKvs[i];
    if (item === undefined) continue;
    const before = writer.length;
    writeKeyValue(writer, item);
    writer.nested(before);
    writer.tag(26);
  }
  if (message.deleted !== 0) {
    writer.int64AsNumber(message.deleted);
    writer.tag(16);
  }
  if (message.header !== null) {
    const before = writer.length;
    writeResponseHeader(writer, message.header);
    writer.nested(before);
    writer.tag(10);
  }
}

export function readDeleteRangeResponse(reader: Reader): DeleteRangeResponse {
  let header: ResponseHeader | null = null;
  let deleted: number = 0;
  const prevKvs: KeyValue[] = [];
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10: {
        const outer = reader.enter();
        const value = readResponseHeader(reader);
        reader.leave(outer);
        header = value;
        break;
      }
      case 16:
        deleted = reader.int64AsNumber();
        break;
      case 26: {
        const outer = reader.enter();
        const value = readKeyValue(reader);
        reader.leave(outer);
        prevKvs.push(value);
        break;
      }
      default:
        reader.skip(tag);
    }
  }
  return { header, deleted, prevKvs };
}

export const DeleteRangeResponse: Codec<DeleteRangeResponse> = codec(
  newDeleteRangeResponse,
  writeDeleteRangeResponse,
  readDeleteRangeResponse,
);

export type RequestOpRequest =
  | { readonly type: 'requestRange'; readonly value: RangeRequest }
  | { readonly type: 'requestPut'; readonly value: PutRequest }
  | { readonly type: 'requestDeleteRange'; readonly value: DeleteRangeRequest }
  | { readonly type: 'requestTxn'; readonly value: TxnRequest };
export interface RequestOp {
  readonly request: RequestOpRequest | null;
}

function newRequestOp(fields: Partial<RequestOp> = {}): RequestOp {
  return { request: fields.request ?? null };
}

export function writeRequestOp(writer: Writer, message: RequestOp): void {
  if (message.request !== null) {
    switch (message.request.type) {
      case 'requestRange': {
        const before = writer.length;
        writeRangeRequest(writer, message.request.value);
        writer.nested(before);
        writer.tag(10);
        break;
      }
      case 'requestPut': {
        const before = writer.length;
        writePutRequest(writer, message.request.value);
        writer.nested(before);
        writer.tag(18);
        break;
      }
      case 'requestDeleteRange': {
        const before = writer.length;
        writeDeleteRangeRequest(writer, message.request.value);
        writer.nested(before);
        writer.tag(26);
        break;
      }
      case 'requestTxn': {
        const before = writer.length;
        writeTxnRequest(writer, message.request.value);
        writer.nested(before);
        writer.tag(34);
        break;
      }
      default:
        message.request satisfies never;
    }
  }
}

export function readRequestOp(reader: Reader): RequestOp {
  let request: RequestOpRequest | null = null;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10: {
        const outer = reader.enter();
        const value = readRangeRequest(reader);
        reader.leave(outer);
        request = { type: 'requestRange', value };
        break;
      }
      case 18: {
        const outer = reader.enter();
        const value = readPutRequest(reader);
        reader.leave(outer);
        request = { type: 'requestPut', value };
        break;
      }
      case 26: {
        const outer = reader.enter();
        const value = readDeleteRangeRequest(reader);
        reader.leave(outer);
        request = { type: 'requestDeleteRange', value };
        break;
      }
      case 34: {
        const outer = reader.enter();
        const value = readTxnRequest(reader);
        reader.leave(outer);
        request = { type: 'requestTxn', value };
        break;
      }
      default:
        reader.skip(tag);
    }
  }
  return { request };
}

export const RequestOp: Codec<RequestOp> = codec(newRequestOp, writeRequestOp, readRequestOp);

export type ResponseOpResponse =
  | { readonly type: 'responseRange'; readonly value: RangeResponse }
  | { readonly type: 'responsePut'; readonly value: PutResponse }
  | { readonly type: 'responseDeleteRange'; readonly value: DeleteRangeResponse }
  | { readonly type: 'responseTxn'; readonly value: TxnResponse };
export interface ResponseOp {
  readonly response: ResponseOpResponse | null;
}

function newResponseOp(fields: Partial<ResponseOp> = {}): ResponseOp {
  return { response: fields.response ?? null };
}

export function writeResponseOp(writer: Writer, message: ResponseOp): void {
  if (message.response !== null) {
    switch (message.response.type) {
      case 'responseRange': {
        const before = writer.length;
        writeRangeResponse(writer, message.response.value);
        writer.nested(before);
        writer.tag(10);
        break;
      }
      case 'responsePut': {
        const before = writer.length;
        writePutResponse(writer, message.response.value);
        writer.nested(before);
        writer.tag(18);
        break;
      }
      case 'responseDeleteRange': {
        const before = writer.length;
        writeDeleteRangeResponse(writer, message.response.value);
        writer.nested(before);
        writer.tag(26);
        break;
      }
      case 'responseTxn': {
        const before = writer.length;
        writeTxnResponse(writer, message.response.value);
        writer.nested(before);
        writer.tag(34);
        break;
      }
      default:
        message.response satisfies never;
    }
  }
}

export function readResponseOp(reader: Reader): ResponseOp {
  let response: ResponseOpResponse | null = null;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10: {
        const outer = reader.enter();
        const value = readRangeResponse(reader);
        reader.leave(outer);
        response = { type: 'responseRange', value };
        break;
      }
      case 18: {
        const outer = reader.enter();
        const value = readPutResponse(reader);
        reader.leave(outer);
        response = { type: 'responsePut', value };
        break;
      }
      case 26: {
        const outer = reader.enter();
        const value = readDeleteRangeResponse(reader);
        reader.leave(outer);
        response = { type: 'responseDeleteRange', value };
        break;
      }
      case 34: {
        const outer = reader.enter();
        const value = readTxnResponse(reader);
        reader.leave(outer);
        response = { type: 'responseTxn', value };
        break;
      }
      default:
        reader.skip(tag);
    }
  }
  return { response };
}

export const ResponseOp: Codec<ResponseOp> = codec(newResponseOp, writeResponseOp, readResponseOp);

export type CompareTargetUnion =
  | { readonly type: 'version'; readonly value: number }
  | { readonly type: 'createRevision'; readonly value: number }
  | { readonly type: 'modRevision'; readonly value: number }
  | { readonly type: 'value'; readonly value: Uint8Array }
  | { readonly type: 'lease'; readonly value: bigint };

export interface Compare {
  readonly result: number;
  readonly target: number;
  readonly key: Uint8Array;
  readonly targetUnion: CompareTargetUnion | null;
  readonly rangeEnd: Uint8Array;
}

function newCompare(fields: Partial<Compare> = {}): Compare {
  return {
    result: fields.result ?? 0,
    target: fields.target ?? 0,
    key: fields.key ?? NO_BYTES,
    targetUnion: fields.targetUnion ?? null,
    rangeEnd: fields.rangeEnd ?? NO_BYTES,
  };
}

export function writeCompare(writer: Writer, message: Compare): void {
  if (message.rangeEnd.length !== 0) {
    writer.bytes(message.rangeEnd);
    writer.tag(514);
  }
  if (message.targetUnion !== null) {
    switch (message.targetUnion.type) {
      case 'version': {
        writer.int64AsNumber(message.targetUnion.value);
        writer.tag(32);
        break;
      }
      case 'createRevision': {
        writer.int64AsNumber(message.targetUnion.value);
        writer.tag(40);
        break;
      }
      case 'modRevision': {
        writer.int64AsNumber(message.targetUnion.value);
        writer.tag(48);
        break;
      }
      case 'value': {
        writer.bytes(message.targetUnion.value);
        writer.tag(58);
        break;
      }
      case 'lease': {
        writer.int64(message.targetUnion.value);
        writer.tag(64);
        break;
      }
      default:
        message.targetUnion satisfies never;
    }
  }
  if (message.key.length !== 0) {
    writer.bytes(message.key);
    writer.tag(26);
  }
  if (message.target !== 0) {
    writer.int32(message.target);
    writer.tag(16);
  }
  if (message.result !== 0) {
    writer.int32(message.result);
    writer.tag(8);
  }
}

export function readCompare(reader: Reader): Compare {
  let result: number = 0;
  let target: number = 0;
  let key: Uint8Array = NO_BYTES;
  let targetUnion: CompareTargetUnion | null = null;
  let rangeEnd: Uint8Array = NO_BYTES;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 8:
        result = reader.int32();
        break;
      case 16:
        target = reader.int32();
        break;
      case 26:
        key = reader.bytes();
        break;
      case 32:
        targetUnion = { type: 'version', value: reader.int64AsNumber() };
        break;
      case 40:
        targetUnion = { type: 'createRevision', value: reader.int64AsNumber() };
        break;
      case 48:
        targetUnion = { type: 'modRevision', value: reader.int64AsNumber() };
        break;
      case 58:
        targetUnion = { type: 'value', value: reader.bytes() };
        break;
      case 64:
        targetUnion = { type: 'lease', value: reader.int64() };
        break;
      case 514:
        rangeEnd = reader.bytes();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { result, target, key, targetUnion, rangeEnd };
}

export const Compare: Codec<Compare> = codec(newCompare, writeCompare, readCompare);

/** Fields of this type are plain numbers: a newer peer may send one that is not here. */
export const CompareResult = { EQUAL: 0, GREATER: 1, LESS: 2, NOT_EQUAL: 3 } as const;

/** Fields of this type are plain numbers: a newer peer may send one that is not here. */
export const CompareTarget = { VERSION: 0, CREATE: 1, MOD: 2, VALUE: 3, LEASE: 4 } as const;

export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}

function newTxnRequest(fields: Partial<TxnRequest> = {}): TxnRequest {
  return { compare: fields.compare ?? [], success: fields.success ?? [], failure: fields.failure ?? [] };
}

export function writeTxnRequest(writer: Writer, message: TxnRequest): void {
  for (let i = message.failure.length - 1; i >= 0; i -= 1) {
    const item = message.failure[i];
    if (item === undefined) continue;
    const before = writer.length;
    writeRequestOp(writer, item);
    writer.nested(before);
    writer.tag(26);
  }
  for (let i = message.success.length - 1; i >= 0; i -= 1) {
    const item = message.success[i];
    if (item === undefined) continue;
    const before = writer.length;
    writeRequestOp(writer, item);
    writer.nested(before);
    writer.tag(18);
  }
  for (let i = message.compare.length - 1; i >= 0; i -= 1) {
    const item = message.compare[i];
    if (item === undefined) continue;
    const before = writer.length;
    writeCompare(writer, item);
    writer.nested(before);
    writer.tag(10);
  }
}

export function readTxnRequest(reader: Reader): TxnRequest {
  const compare: Compare[] = [];
  const success: RequestOp[] = [];
  const failure: RequestOp[] = [];
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10: {
        const outer = reader.enter();
        const value = readCompare(reader);
        reader.leave(outer);
        compare.push(value);
        break;
      }
      case 18: {
        const outer = reader.enter();
        const value = readRequestOp(reader);
        reader.leave(outer);
        success.push(value);
        break;
      }
      case 26: {
        const outer = reader.enter();
        const value = readRequestOp(reader);
        reader.leave(outer);
        failure.push(value);
        break;
      }
      default:
        reader.skip(tag);
    }
  }
  return { compare, success, failure };
}

export const TxnRequest: Codec<TxnRequest> = codec(newTxnRequest, writeTxnRequest, readTxnRequest);

export interface TxnResponse {
  readonly header: ResponseHeader | null;
  readonly succeeded: boolean;
  readonly responses: readonly ResponseOp[];
}

function newTxnResponse(fields: Partial<TxnResponse> = {}): TxnResponse {
  return { header: fields.header ?? null, succeeded: fields.succeeded ?? false, responses: fields.responses ?? [] };
}

export function writeTxnResponse(writer: Writer, message: TxnResponse): void {
  for (let i = message.responses.length - 1; i >= 0; i -= 1) {
    const item = message.responses[i];
    if (item === undefined) continue;
    const before = writer.length;
    writeResponseOp(writer, item);
    writer.nested(before);
    writer.tag(26);
  }
  if (message.succeeded) {
    writer.bool(message.succeeded);
    writer.tag(16);
  }
  if (message.header !== null) {
    const before = writer.length;
    writeResponseHeader(writer, message.header);
    writer.nested(before);
    writer.tag(10);
  }
}

export function readTxnResponse(reader: Reader): TxnResponse {
  let header: ResponseHeader | null = null;
  let succeeded: boolean = false;
  const responses: ResponseOp[] = [];
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10: {
        const outer = reader.enter();
        const value = readResponseHeader(reader);
        reader.leave(outer);
        header = value;
        break;
      }
      case 16:
        succeeded = reader.bool();
        break;
      case 26: {
        const outer = reader.enter();
        const value = readResponseOp(reader);
        reader.leave(outer);
        responses.push(value);
        break;
      }
      default:
        reader.skip(tag);
    }
  }
  return { header, succeeded, responses };
}

export const TxnResponse: Codec<TxnResponse> = codec(newTxnResponse, writeTxnResponse, readTxnResponse);

export interface CompactionRequest {
  readonly revision: number;
  readonly physical: boolean;
}

function newCompactionRequest(fields: Partial<CompactionRequest> = {}): CompactionRequest {
  return { revision: fields.revision ?? 0, physical: fields.physical ?? false };
}

export function writeCompactionRequest(writer: Writer, message: CompactionRequest): void {
  if (message.physical) {
    writer.bool(message.physical);
    writer.tag(16);
  }
  if (message.revision !== 0) {
    writer.int64AsNumber(message.revision);
    writer.tag(8);
  }
}

export function readCompactionRequest(reader: Reader): CompactionRequest {
  let revision: number = 0;
  let physical: boolean = false;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 8:
        revision = reader.int64AsNumber();
        break;
      case 16:
        physical = reader.bool();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { revision, physical };
}

export const CompactionRequest: Codec<CompactionRequest> = codec(
  newCompactionRequest,
  writeCompactionRequest,
  readCompactionRequest,
);

export interface CompactionResponse {
  readonly header: ResponseHeader | null;
}

function newCompactionResponse(fields: Partial<CompactionResponse> = {}): CompactionResponse {
  return { header: fields.header ?? null };
}

export function writeCompactionResponse(writer: Writer, message: CompactionResponse): void {
  if (message.header !== null) {
    const before = writer.length;
    writeResponseHeader(writer, message.header);
    writer.nested(before);
    writer.tag(10);
  }
}

export function readCompactionResponse(reader: Reader): CompactionResponse {
  let header: ResponseHeader | null = null;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10: {
        const outer = reader.enter();
        const value = readResponseHeader(reader);
        reader.leave(outer);
        header = value;
        break;
      }
      default:
        reader.skip(tag);
    }
  }
  return { header };
}

export const CompactionResponse: Codec<CompactionResponse> = codec(
  newCompactionResponse,
  writeCompactionResponse,
  readCompactionResponse,
);

export interface Member {
  readonly id: bigint;
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
}

function newMember(fields: Partial<Member> = {}): Member {
  return {
    id: fields.id ?? 0n,
    name: fields.name ?? '',
    peerURLs: fields.peerURLs ?? [],
    clientURLs: fields.clientURLs ?? [],
    isLearner: fields.isLearner ?? false,
  };
}

export function writeMember(writer: Writer, message: Member): void {
  if (message.isLearner) {
    writer.bool(message.isLearner);
    writer.tag(40);
  }
  for (let i = message.clientURLs.length - 1; i >= 0; i -= 1) {
    const item = message.clientURLs[i];
    if (item === undefined) continue;
    writer.string(item);
    writer.tag(34);
  }
  for (let i = message.peerURLs.length - 1; i >= 0; i -= 1) {
    const item = message.peerURLs[i];
    if (item === undefined) continue;
    writer.string(item);
    writer.tag(26);
  }
  if (message.name.length !== 0) {
    writer.string(message.name);
    writer.tag(18);
  }
  if (message.id !== 0n) {
    writer.uint64(message.id);
    writer.tag(8);
  }
}

export function readMember(reader: Reader): Member {
  let id: bigint = 0n;
  let name: string = '';
  const peerURLs: string[] = [];
  const clientURLs: string[] = [];
  let isLearner: boolean = false;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 8:
        id = reader.uint64();
        break;
      case 18:
        name = reader.string();
        break;
      case 26:
        peerURLs.push(reader.string());
        break;
      case 34:
        clientURLs.push(reader.string());
        break;
      case 40:
        isLearner = reader.bool();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { id, name, peerURLs, clientURLs, isLearner };
}

export const Member: Codec<Member> = codec(newMember, writeMember, readMember);

export interface MemberListRequest {
  readonly linearizable: boolean;
}

function newMemberListRequest(fields: Partial<MemberListRequest> = {}): MemberListRequest {
  return { linearizable: fields.linearizable ?? false };
}

export function writeMemberListRequest(writer: Writer, message: MemberListRequest): void {
  if (message.linearizable) {
    writer.bool(message.linearizable);
    writer.tag(8);
  }
}

export function readMemberListRequest(reader: Reader): MemberListRequest {
  let linearizable: boolean = false;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 8:
        linearizable = reader.bool();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { linearizable };
}

export const MemberListRequest: Codec<MemberListRequest> = codec(
  newMemberListRequest,
  writeMemberListRequest,
  readMemberListRequest,
);

export interface MemberListResponse {
  readonly header: ResponseHeader | null;
  readonly members: readonly Member[];
}

function newMemberListResponse(fields: Partial<MemberListResponse> = {}): MemberListResponse {
  return { header: fields.header ?? null, members: fields.members ?? [] };
}

export function writeMemberListResponse(writer: Writer, message: MemberListResponse): void {
  for (let i = message.members.length - 1; i >= 0; i -= 1) {
    const item = message.members[i];
    if (item === undefined) continue;
    const before = writer.length;
    writeMember(writer, item);
    writer.nested(before);
    writer.tag(18);
  }
  if (message.header !== null) {
    const before = writer.length;
    writeResponseHeader(writer, message.header);
    writer.nested(before);
    writer.tag(10);
  }
}

export function readMemberListResponse(reader: Reader): MemberListResponse {
  let header: ResponseHeader | null = null;
  const members: Member[] = [];
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10: {
        const outer = reader.enter();
        const value = readResponseHeader(reader);
        reader.leave(outer);
        header = value;
        break;
      }
      case 18: {
        const outer = reader.enter();
        const value = readMember(reader);
        reader.leave(outer);
        members.push(value);
        break;
      }
      default:
        reader.skip(tag);
    }
  }
  return { header, members };
}

export const MemberListResponse: Codec<MemberListResponse> = codec(
  newMemberListResponse,
  writeMemberListResponse,
  readMemberListResponse,
);

export type StatusRequest = Record<string, never>;

function newStatusRequest(): StatusRequest {
  return {};
}

export function writeStatusRequest(_writer: Writer, _message: StatusRequest): void {}

export function readStatusRequest(reader: Reader): StatusRequest {
  while (reader.more()) {
    reader.skip(reader.tag());
  }
  return {};
}

export const StatusRequest: Codec<StatusRequest> = codec(newStatusRequest, writeStatusRequest, readStatusRequest);

export interface StatusResponse {
  readonly header: ResponseHeader | null;
  readonly version: string;
  readonly dbSize: number;
  readonly leader: bigint;
  readonly raftIndex: number;
  readonly raftTerm: number;
  readonly raftAppliedIndex: number;
  readonly errors: readonly string[];
  readonly dbSizeInUse: number;
  readonly isLearner: boolean;
}

function newStatusResponse(fields: Partial<StatusResponse> = {}): StatusResponse {
  return {
    header: fields.header ?? null,
    version: fields.version ?? '',
    dbSize: fields.dbSize ?? 0,
    leader: fields.leader ?? 0n,
    raftIndex: fields.raftIndex ?? 0,
    raftTerm: fields.raftTerm ?? 0,
    raftAppliedIndex: fields.raftAppliedIndex ?? 0,
    errors: fields.errors ?? [],
    dbSizeInUse: fields.dbSizeInUse ?? 0,
    isLearner: fields.isLearner ?? false,
  };
}

export function writeStatusResponse(writer: Writer, message: StatusResponse): void {
  if (message.isLearner) {
    writer.bool(message.isLearner);
    writer.tag(80);
  }
  if (message.dbSizeInUse !== 0) {
    writer.int64AsNumber(message.dbSizeInUse);
    writer.tag(72);
  }
  for (let i = message.errors.length - 1; i >= 0; i -= 1) {
    const item = message.errors[i];
    if (item === undefined) continue;
    writer.string(item);
    writer.tag(66);
  }
  if (message.raftAppliedIndex !== 0) {
    writer.uint64AsNumber(message.raftAppliedIndex);
    writer.tag(56);
  }
  if (message.raftTerm !== 0) {
    writer.uint64AsNumber(message.raftTerm);
    writer.tag(48);
  }
  if (message.raftIndex !== 0) {
    writer.uint64AsNumber(message.raftIndex);
    writer.tag(40);
  }
  if (message.leader !== 0n) {
    writer.uint64(message.leader);
    writer.tag(32);
  }
  if (message.dbSize !== 0) {
    writer.int64AsNumber(message.dbSize);
    writer.tag(24);
  }
  if (message.version.length !== 0) {
    writer.string(message.version);
    writer.tag(18);
  }
  if (message.header !== null) {
    const before = writer.length;
    writeResponseHeader(writer, message.header);
    writer.nested(before);
    writer.tag(10);
  }
}

export function readStatusResponse(reader: Reader): StatusResponse {
  let header: ResponseHeader | null = null;
  let version: string = '';
  let dbSize: number = 0;
  let leader: bigint = 0n;
  let raftIndex: number = 0;
  let raftTerm: number = 0;
  let raftAppliedIndex: number = 0;
  const errors: string[] = [];
  let dbSizeInUse: number = 0;
  let isLearner: boolean = false;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10: {
        const outer = reader.enter();
        const value = readResponseHeader(reader);
        reader.leave(outer);
        header = value;
        break;
      }
      case 18:
        version = reader.string();
        break;
      case 24:
        dbSize = reader.int64AsNumber();
        break;
      case 32:
        leader = reader.uint64();
        break;
      case 40:
        raftIndex = reader.uint64AsNumber();
        break;
      case 48:
        raftTerm = reader.uint64AsNumber();
        break;
      case 56:
        raftAppliedIndex = reader.uint64AsNumber();
        break;
      case 66:
        errors.push(reader.string());
        break;
      case 72:
        dbSizeInUse = reader.int64AsNumber();
        break;
      case 80:
        isLearner = reader.bool();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { header, version, dbSize, leader, raftIndex, raftTerm, raftAppliedIndex, errors, dbSizeInUse, isLearner };
}

export const StatusResponse: Codec<StatusResponse> = codec(newStatusResponse, writeStatusResponse, readStatusResponse);

export const kvService: {
  readonly range: MethodDefinition<RangeRequest, RangeResponse>;
  readonly put: MethodDefinition<PutRequest, PutResponse>;
  readonly deleteRange: MethodDefinition<DeleteRangeRequest, DeleteRangeResponse>;
  readonly txn: MethodDefinition<TxnRequest, TxnResponse>;
  readonly compact: MethodDefinition<CompactionRequest, CompactionResponse>;
} = {
  range: {
    path: '/etcdserverpb.KV/Range',
    requestStream: false,
    responseStream: false,
    requestSerialize: RangeRequest.encode,
    requestDeserialize: RangeRequest.decode,
    responseSerialize: RangeResponse.encode,
    responseDeserialize: RangeResponse.decode,
  },
  put: {
    path: '/etcdserverpb.KV/Put',
    requestStream: false,
    responseStream: false,
    requestSerialize: PutRequest.encode,
    requestDeserialize: PutRequest.decode,
    responseSerialize: PutResponse.encode,
    responseDeserialize: PutResponse.decode,
  },
  deleteRange: {
    path: '/etcdserverpb.KV/DeleteRange',
    requestStream: false,
    responseStream: false,
    requestSerialize: DeleteRangeRequest.encode,
    requestDeserialize: DeleteRangeRequest.decode,
    responseSerialize: DeleteRangeResponse.encode,
    responseDeserialize: DeleteRangeResponse.decode,
  },
  txn: {
    path: '/etcdserverpb.KV/Txn',
    requestStream: false,
    responseStream: false,
    requestSerialize: TxnRequest.encode,
    requestDeserialize: TxnRequest.decode,
    responseSerialize: TxnResponse.encode,
    responseDeserialize: TxnResponse.decode,
  },
  compact: {
    path: '/etcdserverpb.KV/Compact',
    requestStream: false,
    responseStream: false,
    requestSerialize: CompactionRequest.encode,
    requestDeserialize: CompactionRequest.decode,
    responseSerialize: CompactionResponse.encode,
    responseDeserialize: CompactionResponse.decode,
  },
};

export const clusterService: {
  readonly memberAdd: MethodDefinition<Unserved, Unserved>;
  readonly memberRemove: MethodDefinition<Unserved, Unserved>;
  readonly memberUpdate: MethodDefinition<Unserved, Unserved>;
  readonly memberList: MethodDefinition<MemberListRequest, MemberListResponse>;
  readonly memberPromote: MethodDefinition<Unserved, Unserved>;
} = {
  memberAdd: {
    path: '/etcdserverpb.Cluster/MemberAdd',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  memberRemove: {
    path: '/etcdserverpb.Cluster/MemberRemove',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  memberUpdate: {
    path: '/etcdserverpb.Cluster/MemberUpdate',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  memberList: {
    path: '/etcdserverpb.Cluster/MemberList',
    requestStream: false,
    responseStream: false,
    requestSerialize: MemberListRequest.encode,
    requestDeserialize: MemberListRequest.decode,
    responseSerialize: MemberListResponse.encode,
    responseDeserialize: MemberListResponse.decode,
  },
  memberPromote: {
    path: '/etcdserverpb.Cluster/MemberPromote',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
};

export const maintenanceService: {
  readonly alarm: MethodDefinition<Unserved, Unserved>;
  readonly status: MethodDefinition<StatusRequest, StatusResponse>;
  readonly defragment: MethodDefinition<Unserved, Unserved>;
  readonly hash: MethodDefinition<Unserved, Unserved>;
  readonly hashKV: MethodDefinition<Unserved, Unserved>;
  readonly snapshot: MethodDefinition<Unserved, Unserved>;
  readonly moveLeader: MethodDefinition<Unserved, Unserved>;
  readonly downgrade: MethodDefinition<Unserved, Unserved>;
} = {
  alarm: {
    path: '/etcdserverpb.Maintenance/Alarm',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  status: {
    path: '/etcdserverpb.Maintenance/Status',
    requestStream: false,
    responseStream: false,
    requestSerialize: StatusRequest.encode,
    requestDeserialize: StatusRequest.decode,
    responseSerialize: StatusResponse.encode,
    responseDeserialize: StatusResponse.decode,
  },
  defragment: {
    path: '/etcdserverpb.Maintenance/Defragment',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  hash: {
    path: '/etcdserverpb.Maintenance/Hash',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  hashKV: {
    path: '/etcdserverpb.Maintenance/HashKV',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  snapshot: {
    path: '/etcdserverpb.Maintenance/Snapshot',
    requestStream: false,
    responseStream: true,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  moveLeader: {
    path: '/etcdserverpb.Maintenance/MoveLeader',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  downgrade: {
    path: '/etcdserverpb.Maintenance/Downgrade',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
};

export const watchService: { readonly watch: MethodDefinition<Unserved, Unserved> } = {
  watch: {
    path: '/etcdserverpb.Watch/Watch',
    requestStream: true,
    responseStream: true,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
};

export const leaseService: {
  readonly leaseGrant: MethodDefinition<Unserved, Unserved>;
  readonly leaseRevoke: MethodDefinition<Unserved, Unserved>;
  readonly leaseKeepAlive: MethodDefinition<Unserved, Unserved>;
  readonly leaseTimeToLive: MethodDefinition<Unserved, Unserved>;
  readonly leaseLeases: MethodDefinition<Unserved, Unserved>;
} = {
  leaseGrant: {
    path: '/etcdserverpb.Lease/LeaseGrant',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  leaseRevoke: {
    path: '/etcdserverpb.Lease/LeaseRevoke',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  leaseKeepAlive: {
    path: '/etcdserverpb.Lease/LeaseKeepAlive',
    requestStream: true,
    responseStream: true,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  leaseTimeToLive: {
    path: '/etcdserverpb.Lease/LeaseTimeToLive',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  leaseLeases: {
    path: '/etcdserverpb.Lease/LeaseLeases',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
};

export const authService: {
  readonly authEnable: MethodDefinition<Unserved, Unserved>;
  readonly authDisable: MethodDefinition<Unserved, Unserved>;
  readonly authStatus: MethodDefinition<Unserved, Unserved>;
  readonly authenticate: MethodDefinition<Unserved, Unserved>;
  readonly userAdd: MethodDefinition<Unserved, Unserved>;
  readonly userGet: MethodDefinition<Unserved, Unserved>;
  readonly userList: MethodDefinition<Unserved, Unserved>;
  readonly userDelete: MethodDefinition<Unserved, Unserved>;
  readonly userChangePassword: MethodDefinition<Unserved, Unserved>;
  readonly userGrantRole: MethodDefinition<Unserved, Unserved>;
  readonly userRevokeRole: MethodDefinition<Unserved, Unserved>;
  readonly roleAdd: MethodDefinition<Unserved, Unserved>;
  readonly roleGet: MethodDefinition<Unserved, Unserved>;
  readonly roleList: MethodDefinition<Unserved, Unserved>;
  readonly roleDelete: MethodDefinition<Unserved, Unserved>;
  readonly roleGrantPermission: MethodDefinition<Unserved, Unserved>;
  readonly roleRevokePermission: MethodDefinition<Unserved, Unserved>;
} = {
  authEnable: {
    path: '/etcdserverpb.Auth/AuthEnable',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  authDisable: {
    path: '/etcdserverpb.Auth/AuthDisable',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  authStatus: {
    path: '/etcdserverpb.Auth/AuthStatus',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  authenticate: {
    path: '/etcdserverpb.Auth/Authenticate',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  userAdd: {
    path: '/etcdserverpb.Auth/UserAdd',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  userGet: {
    path: '/etcdserverpb.Auth/UserGet',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  userList: {
    path: '/etcdserverpb.Auth/UserList',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  userDelete: {
    path: '/etcdserverpb.Auth/UserDelete',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  userChangePassword: {
    path: '/etcdserverpb.Auth/UserChangePassword',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  userGrantRole: {
    path: '/etcdserverpb.Auth/UserGrantRole',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  userRevokeRole: {
    path: '/etcdserverpb.Auth/UserRevokeRole',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  roleAdd: {
    path: '/etcdserverpb.Auth/RoleAdd',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  roleGet: {
    path: '/etcdserverpb.Auth/RoleGet',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  roleList: {
    path: '/etcdserverpb.Auth/RoleList',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  roleDelete: {
    path: '/etcdserverpb.Auth/RoleDelete',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  roleGrantPermission: {
    path: '/etcdserverpb.Auth/RoleGrantPermission',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
  roleRevokePermission: {
    path: '/etcdserverpb.Auth/RoleRevokePermission',
    requestStream: false,
    responseStream: false,
    requestSerialize: Unserved.encode,
    requestDeserialize: Unserved.decode,
    responseSerialize: Unserved.encode,
    responseDeserialize: Unserved.decode,
  },
};
