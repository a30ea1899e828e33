import type { MethodDefinition } from '@grpc/grpc-js';
import type { ReadConsistency } from '../member/api.ts';
import type { Compare, KeyRange, Operation, RangeRequest, StoreRequest, TxnRequest } from '../store/api.ts';
import * as pb from '../wire/etcdserverpb.ts';

/** Something that can be sent: a method of a gRPC service with its request, told apart by neither. */
export interface UnaryCall<Reply> {
  readonly path: string;
  readonly body: Buffer;
  readonly decode: (bytes: Buffer) => Reply;
}

export function unaryCall<Request, Reply>(
  method: MethodDefinition<Request, Reply>,
  request: Request,
): UnaryCall<Reply> {
  return { path: method.path, body: method.requestSerialize(request), decode: method.responseDeserialize };
}

export function toWireRange(request: RangeRequest, consistency: ReadConsistency): pb.RangeRequest {
  return pb.RangeRequest.of({
    ...toWireKeys(request),
    revision: request.revision,
    limit: request.limit,
    sortOrder: SORT_ORDER[request.order],
    sortTarget: SORT_TARGET[request.sortBy],
    serializable: consistency === 'stale',
    keysOnly: request.keysOnly,
    countOnly: request.countOnly,
    minModRevision: request.minModRevision,
    maxModRevision: request.maxModRevision,
    minCreateRevision: request.minCreateRevision,
    maxCreateRevision: request.maxCreateRevision,
  });
}

export function toWirePut(request: Extract<StoreRequest, { type: 'put' }>): pb.PutRequest {
  const { key, value, lease, previous, ignoreValue, ignoreLease } = request;
  return pb.PutRequest.of({ key, value, lease, prevKv: previous, ignoreValue, ignoreLease });
}

export function toWireDelete(request: Extract<StoreRequest, { type: 'delete' }>): pb.DeleteRangeRequest {
  return pb.DeleteRangeRequest.of({ ...toWireKeys(request), prevKv: request.previous });
}

export function toWireTxn(request: TxnRequest, consistency: ReadConsistency): pb.TxnRequest {
  return pb.TxnRequest.of({
    compare: request.compares.map(toWireCompare),
    success: request.success.map((operation) => toWireOperation(operation, consistency)),
    failure: request.failure.map((operation) => toWireOperation(operation, consistency)),
  });
}

function toWireOperation(operation: Operation, consistency: ReadConsistency): pb.RequestOp {
  switch (operation.type) {
    case 'range':
      return { request: { type: 'requestRange', value: toWireRange(operation, consistency) } };
    case 'put':
      return { request: { type: 'requestPut', value: toWirePut(operation) } };
    case 'delete':
      return { request: { type: 'requestDeleteRange', value: toWireDelete(operation) } };
    case 'txn':
      return { request: { type: 'requestTxn', value: toWireTxn(operation, consistency) } };
    default:
      return operation satisfies never;
  }
}

function toWireCompare(compare: Compare): pb.Compare {
  return pb.Compare.of({ ...toWireKeys(compare), result: RELATION[compare.relation], ...toWireTarget(compare) });
}

function toWireTarget(compare: Compare): Pick<pb.Compare, 'target' | 'targetUnion'> {
  switch (compare.target) {
    case 'version':
      return { target: pb.CompareTarget.VERSION, targetUnion: { type: 'version', value: compare.version } };
    case 'create':
      return { target: pb.CompareTarget.CREATE, targetUnion: { type: 'createRevision', value: compare.revision } };
    case 'mod':
      return { target: pb.CompareTarget.MOD, targetUnion: { type: 'modRevision', value: compare.revision } };
    case 'value':
      return { target: pb.CompareTarget.VALUE, targetUnion: { type: 'value', value: compare.value } };
    case 'lease':
      return { target: pb.CompareTarget.LEASE, targetUnion: { type: 'lease', value: compare.lease } };
    default:
      return compare satisfies never;
  }
}

function toWireKeys({ key, end }: KeyRange): { readonly key: Uint8Array; readonly rangeEnd: Uint8Array } {
  return { key, rangeEnd: end ?? NO_BYTES };
}

const NO_BYTES = new Uint8Array(0);

const SORT_ORDER = { none: pb.SortOrder.NONE, ascend: pb.SortOrder.ASCEND, descend: pb.SortOrder.DESCEND } as const;

const SORT_TARGET = {
  key: pb.SortTarget.KEY,
  version: pb.SortTarget.VERSION,
  create: pb.SortTarget.CREATE,
  mod: pb.SortTarget.MOD,
  value: pb.SortTarget.VALUE,
} as const;

const RELATION = {
  equal: pb.CompareResult.EQUAL,
  notEqual: pb.CompareResult.NOT_EQUAL,
  greater: pb.CompareResult.GREATER,
  less: pb.CompareResult.LESS,
} as const;
