import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import type { Codec } from './codec.ts';
import * as etcd from './etcdserverpb.ts';
import * as health from './health.ts';
import { KeyValue } from './mvccpb.ts';

// protobufjs reads the same .proto files at run time: another implementation of the same format to agree with.
const root = new protobuf.Root();
const proto = fileURLToPath(new URL('../../proto/', import.meta.url));
root.resolvePath = (_origin, target) => (target.startsWith(proto) ? target : `${proto}${target}`);
root.loadSync(['etcdserverpb.proto', 'health.proto', 'mvccpb.proto'], { keepCase: false });

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const bool = fc.boolean();
const uint = fc.oneof(fc.nat(200), fc.maxSafeNat());
const int = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.maxSafeInteger());
const int64 = fc.oneof(fc.bigInt({ min: -9n, max: 9n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const enumeration = fc.oneof(fc.nat(9), fc.integer());
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const maybe = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(some);
const few = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(some, { maxLength: 3 });
const member = <T extends string, V>(type: T, value: fc.Arbitrary<V>): fc.Arbitrary<{ type: T; value: V }> =>
  fc.record({ type: fc.constant(type), value });

const header = fc.record({ clusterId: uint64, memberId: uint64, revision: int, raftTerm: uint });
const keyValue = fc.record({
  key: bytes,
  createRevision: int,
  modRevision: int,
  version: int,
  value: bytes,
  lease: int64,
});
const rangeRequest = fc.record({
  key: bytes,
  rangeEnd: bytes,
  limit: int,
  revision: int,
  sortOrder: enumeration,
  sortTarget: enumeration,
  serializable: bool,
  keysOnly: bool,
  countOnly: bool,
  minModRevision: int,
  maxModRevision: int,
  minCreateRevision: int,
  maxCreateRevision: int,
});
const rangeResponse = fc.record({ header: maybe(header), kvs: few(keyValue), more: bool, count: int });
const putRequest = fc.record({
  key: bytes,
  value: bytes,
  lease: int64,
  prevKv: bool,
  ignoreValue: bool,
  ignoreLease: bool,
});
const putResponse = fc.record({ header: maybe(header), prevKv: maybe(keyValue) });
const deleteRangeRequest = fc.record({ key: bytes, rangeEnd: bytes, prevKv: bool });
const deleteRangeResponse = fc.record({ header: maybe(header), deleted: int, prevKvs: few(keyValue) });
const compare = fc.record({
  result: enumeration,
  target: enumeration,
  key: bytes,
  targetUnion: maybe(
    fc.oneof(
      member('version', int),
      member('createRevision', int),
      member('modRevision', int),
      member('value', bytes),
      member('lease', int64),
    ),
  ),
  rangeEnd: bytes,
});

const transactions = fc.letrec<{
  requestOp: etcd.RequestOp;
  txnRequest: etcd.TxnRequest;
  responseOp: etcd.ResponseOp;
  txnResponse: etcd.TxnResponse;
}>((tie) => ({
  requestOp: fc.record({
    request: maybe(
      fc.oneof(
        { maxDepth: 2 },
        member('requestRange', rangeRequest),
        member('requestPut', putRequest),
        member('requestDeleteRange', deleteRangeRequest),
        member('requestTxn', tie('txnRequest')),
      ),
    ),
  }),
  txnRequest: fc.record({ compare: few(compare), success: few(tie('requestOp')), failure: few(tie('requestOp')) }),
  responseOp: fc.record({
    response: maybe(
      fc.oneof(
        { maxDepth: 2 },
        member('responseRange', rangeResponse),
        member('responsePut', putResponse),
        member('responseDeleteRange', deleteRangeResponse),
        member('responseTxn', tie('txnResponse')),
      ),
    ),
  }),
  txnResponse: fc.record({ header: maybe(header), succeeded: bool, responses: few(tie('responseOp')) }),
}));

const memberDescription = fc.record({
  id: uint64,
  name: text,
  peerURLs: few(text),
  clientURLs: few(text),
  isLearner: bool,
});
const statusResponse = fc.record({
  header: maybe(header),
  version: text,
  dbSize: int,
  leader: uint64,
  raftIndex: uint,
  raftTerm: uint,
  raftAppliedIndex: uint,
  errors: few(text),
  dbSizeInUse: int,
  isLearner: bool,
});

const AS_STRINGS: protobuf.IConversionOptions = { longs: String, bytes: String, defaults: true };
const FLAT = true;

agrees('mvccpb.KeyValue', KeyValue, keyValue);
agrees('etcdserverpb.RangeRequest', etcd.RangeRequest, rangeRequest);
agrees('etcdserverpb.RangeResponse', etcd.RangeResponse, rangeResponse);
agrees('etcdserverpb.PutRequest', etcd.PutRequest, putRequest);
agrees('etcdserverpb.PutResponse', etcd.PutResponse, putResponse);
agrees('etcdserverpb.DeleteRangeRequest', etcd.DeleteRangeRequest, deleteRangeRequest);
agrees('etcdserverpb.DeleteRangeResponse', etcd.DeleteRangeResponse, deleteRangeResponse);
agrees('etcdserverpb.Compare', etcd.Compare, compare);
agrees('etcdserverpb.TxnRequest', etcd.TxnRequest, transactions.txnRequest);
agrees('etcdserverpb.TxnResponse', etcd.TxnResponse, transactions.txnResponse);
agrees('etcdserverpb.CompactionRequest', etcd.CompactionRequest, fc.record({ revision: int, physical: bool }));
agrees('etcdserverpb.CompactionResponse', etcd.CompactionResponse, fc.record({ header: maybe(header) }));
agrees('etcdserverpb.MemberListRequest', etcd.MemberListRequest, fc.record({ linearizable: bool }));
agrees(
  'etcdserverpb.MemberListResponse',
  etcd.MemberListResponse,
  fc.record({ header: maybe(header), members: few(memberDescription) }),
);
agrees('etcdserverpb.StatusResponse', etcd.StatusResponse, statusResponse);
agrees('grpc.health.v1.HealthCheckRequest', health.HealthCheckRequest, fc.record({ service: text }));
agrees('grpc.health.v1.HealthCheckResponse', health.HealthCheckResponse, fc.record({ status: enumeration }));

/** What we write, protobufjs reads as the same message and writes back as bytes that we read as the same. */
function agrees<T>(name: string, codec: Codec<T>, messages: fc.Arbitrary<T>): void {
  const type = root.lookupType(name);
  test(`${name} is the same to us and to protobufjs, in both directions`, () => {
    fc.assert(
      fc.property(messages, (message) => {
        const written = codec.encode(message);
        assert.deepEqual(plain(codec.decode(written)), plain(message));
        const theirs = type.decode(written);
        assert.deepEqual(plain(codec.decode(type.encode(theirs).finish())), plain(message));
        const expected = type.fromObject(Object(plain(message, FLAT)));
        assert.deepEqual(type.toObject(theirs, AS_STRINGS), type.toObject(expected, AS_STRINGS));
      }),
      { numRuns: 60 },
    );
  });
}

/** With bytes and bigints as strings, so that views and Buffers compare equal; `flat` as protobufjs has its objects. */
function plain(value: unknown, flat = false): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map((item) => plain(item, flat));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value);
  if (!flat) return Object.fromEntries(fields.map(([key, field]) => [key, plain(field)]));
  return Object.fromEntries(fields.filter(([, field]) => field !== null).map(flatField));
}

/** A oneof's member is a field of its own in protobufjs, and `ID` is not renamed. */
function flatField([key, field]: [string, unknown]): [string, unknown] {
  const isMember = typeof field === 'object' && field !== null && 'type' in field && 'value' in field;
  if (isMember) return [String(field.type), plain(field.value, FLAT)];
  return [key === 'id' ? 'ID' : key, plain(field, FLAT)];
}
