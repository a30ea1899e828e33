import type {
  CompactRequest,
  Compare,
  CompareRelation,
  DeleteRequest,
  Operation,
  PutRequest,
  RangeRequest,
  SortTarget,
  TxnRequest,
} from '../store/api.ts';
import type * as wire from '../wire/etcdserverpb.ts';
import {
  CompareResult,
  CompareTarget,
  type RequestOp,
  SortOrder,
  SortTarget as WireSortTarget,
} from '../wire/etcdserverpb.ts';
import { NO_BYTES } from '../wire/reader.ts';
import { InvalidRequestError } from './status.ts';

// etcd's requests in the store's terms. Where etcd ignores what makes no sense (a negative limit), so do we; where it
// would take a number that names nothing for something, we refuse.

export function rangeRequest(range: wire.RangeRequest): RangeRequest {
  const sortBy = sortTarget(range.sortTarget);
  const order = sortOrder(range.sortOrder);
  return {
    type: 'range',
    key: range.key,
    end: rangeEnd(range.rangeEnd),
    revision: Math.max(0, range.revision),
    limit: Math.max(0, range.limit),
    // Keys come in order anyway; asking for another target alone means ascending.
    order: order === 'none' && sortBy !== 'key' ? 'ascend' : order,
    sortBy,
    keysOnly: range.keysOnly,
    countOnly: range.countOnly,
    minModRevision: range.minModRevision,
    maxModRevision: range.maxModRevision,
    minCreateRevision: range.minCreateRevision,
    maxCreateRevision: range.maxCreateRevision,
  };
}

export function putRequest(put: wire.PutRequest): PutRequest {
  return {
    type: 'put',
    key: put.key,
    value: put.value,
    lease: put.lease,
    previous: put.prevKv,
    ignoreValue: put.ignoreValue,
    ignoreLease: put.ignoreLease,
  };
}

export function deleteRequest(deletion: wire.DeleteRangeRequest): DeleteRequest {
  return { type: 'delete', key: deletion.key, end: rangeEnd(deletion.rangeEnd), previous: deletion.prevKv };
}

export function txnRequest(txn: wire.TxnRequest): TxnRequest {
  return {
    type: 'txn',
    compares: txn.compare.map(compare),
    success: txn.success.map(operation),
    failure: txn.failure.map(operation),
  };
}

export function compactRequest(compaction: wire.CompactionRequest): CompactRequest {
  return { type: 'compact', revision: compaction.revision };
}

/** Whether all operations are reads that may be stale. Compares alone were never said to be. */
export function isSerializable({ success, failure }: wire.TxnRequest): boolean {
  const operations = [...success, ...failure];
  if (operations.length === 0) return false;
  return operations.every(({ request }) => request?.type === 'requestRange' && request.value.serializable);
}

function operation({ request }: RequestOp): Operation {
  // etcd's answer to an operation without content, in its words.
  if (request === null) throw new InvalidRequestError('etcdserver: key not found');
  switch (request.type) {
    case 'requestRange':
      return rangeRequest(request.value);
    case 'requestPut':
      return putRequest(request.value);
    case 'requestDeleteRange':
      return deleteRequest(request.value);
    case 'requestTxn':
      return txnRequest(request.value);
    default:
      return request satisfies never;
  }
}

/** The target decides; a value given for another target counts as none. */
function compare({ key, rangeEnd: end, result, target, targetUnion: given }: wire.Compare): Compare {
  const range = { key, end: rangeEnd(end), relation: relation(result) };
  switch (target) {
    case CompareTarget.VERSION:
      return { ...range, target: 'version', version: given?.type === 'version' ? given.value : 0 };
    case CompareTarget.CREATE:
      return { ...range, target: 'create', revision: given?.type === 'createRevision' ? given.value : 0 };
    case CompareTarget.MOD:
      return { ...range, target: 'mod', revision: given?.type === 'modRevision' ? given.value : 0 };
    case CompareTarget.VALUE:
      return { ...range, target: 'value', value: given?.type === 'value' ? given.value : NO_BYTES };
    case CompareTarget.LEASE:
      return { ...range, target: 'lease', lease: given?.type === 'lease' ? given.value : 0n };
    default:
      throw new InvalidRequestError(`coterie: a compare's target is ${target}, which names nothing to compare`);
  }
}

function relation(result: number): CompareRelation {
  switch (result) {
    case CompareResult.EQUAL:
      return 'equal';
    case CompareResult.GREATER:
      return 'greater';
    case CompareResult.LESS:
      return 'less';
    case CompareResult.NOT_EQUAL:
      return 'notEqual';
    default:
      throw new InvalidRequestError(`coterie: a compare's result is ${result}, which names no relation`);
  }
}

function sortOrder(order: number): RangeRequest['order'] {
  switch (order) {
    case SortOrder.NONE:
      return 'none';
    case SortOrder.ASCEND:
      return 'ascend';
    case SortOrder.DESCEND:
      return 'descend';
    default:
      throw new InvalidRequestError('etcdserver: invalid sort option');
  }
}

function sortTarget(target: number): SortTarget {
  switch (target) {
    case WireSortTarget.KEY:
      return 'key';
    case WireSortTarget.VERSION:
      return 'version';
    case WireSortTarget.CREATE:
      return 'create';
    case WireSortTarget.MOD:
      return 'mod';
    case WireSortTarget.VALUE:
      return 'value';
    default:
      throw new InvalidRequestError('etcdserver: invalid sort option');
  }
}

/** On the wire, no range end and an empty one are the same. */
function rangeEnd(end: Uint8Array): Uint8Array | null {
  return end.length === 0 ? null : end;
}
