// Generated from proto/mvccpb.proto by scripts/generate-wire.ts (npm run wire). Do not edit.
import { type Codec, codec } from './codec.ts';
import { NO_BYTES, type Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface KeyValue {
  readonly key: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly value: Uint8Array;
  readonly lease: bigint;
}

function newKeyValue(fields: Partial<KeyValue> = {}): KeyValue {
  return {
    key: fields.key ?? NO_BYTES,
    createRevision: fields.createRevision ?? 0,
    modRevision: fields.modRevision ?? 0,
    version: fields.version ?? 0,
    value: fields.value ?? NO_BYTES,
    lease: fields.lease ?? 0n,
  };
}

export function writeKeyValue(writer: Writer, message: KeyValue): void {
  if (message.lease !== 0n) {
    writer.int64(message.lease);
    writer.tag(48);
  }
  if (message.value.length !== 0) {
    writer.bytes(message.value);
    writer.tag(42);
  }
  if (message.version !== 0) {
    writer.int64AsNumber(message.version);
    writer.tag(32);
  }
  if (message.modRevision !== 0) {
    writer.int64AsNumber(message.modRevision);
    writer.tag(24);
  }
  if (message.createRevision !== 0) {
    writer.int64AsNumber(message.createRevision);
    writer.tag(16);
  }
  if (message.key.length !== 0) {
    writer.bytes(message.key);
    writer.tag(10);
  }
}

export function readKeyValue(reader: Reader): KeyValue {
  let key: Uint8Array = NO_BYTES;
  let createRevision: number = 0;
  let modRevision: number = 0;
  let version: number = 0;
  let value: Uint8Array = NO_BYTES;
  let lease: bigint = 0n;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        key = reader.bytes();
        break;
      case 16:
        createRevision = reader.int64AsNumber();
        break;
      case 24:
        modRevision = reader.int64AsNumber();
        break;
      case 32:
        version = reader.int64AsNumber();
        break;
      case 42:
        value = reader.bytes();
        break;
      case 48:
        lease = reader.int64();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { key, createRevision, modRevision, version, value, lease };
}

export const KeyValue: Codec<KeyValue> = codec(newKeyValue, writeKeyValue, readKeyValue);
