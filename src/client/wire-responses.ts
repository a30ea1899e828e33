import type {
  DeleteResponse,
  KeyValue,
  OperationResponse,
  PutResponse,
  RangeResponse,
  Revision,
  TxnResponse,
} from '../store/api.ts';
import type * as pb from '../wire/etcdserverpb.ts';
import type * as mvccpb from '../wire/mvccpb.ts';
import type { StoreStatus } from './backend.ts';

export function fromWireRange(response: pb.RangeResponse): RangeResponse {
  return {
    type: 'range',
    revision: revisionOf(response),
    kvs: response.kvs.map(fromWireKeyValue),
    more: response.more,
    count: response.count,
  };
}

export function fromWirePut(response: pb.PutResponse): PutResponse {
  const { prevKv } = response;
  return { type: 'put', revision: revisionOf(response), previous: prevKv === null ? null : fromWireKeyValue(prevKv) };
}

export function fromWireDelete(response: pb.DeleteRangeResponse): DeleteResponse {
  return {
    type: 'delete',
    revision: revisionOf(response),
    deleted: response.deleted,
    previous: response.prevKvs.map(fromWireKeyValue),
  };
}

export function fromWireTxn(response: pb.TxnResponse): TxnResponse {
  return {
    type: 'txn',
    revision: revisionOf(response),
    succeeded: response.succeeded,
    responses: response.responses.map(fromWireOperation),
  };
}

export function revisionOf({ header }: { readonly header: pb.ResponseHeader | null }): Revision {
  return (header?.revision ?? 0) as Revision;
}

/** What a member says of itself, with the member list that it knows. */
export function fromWireStatus(status: pb.StatusResponse, list: pb.MemberListResponse): StoreStatus {
  const members = list.members.map((member) => ({
    id: member.id,
    name: member.name,
    peerAddress: withoutScheme(member.peerURLs[0]),
    clientAddress: withoutScheme(member.clientURLs[0]),
    learner: member.isLearner,
  }));
  const memberId = status.header?.memberId ?? 0n;
  return {
    clusterId: status.header?.clusterId ?? 0n,
    memberId,
    name: members.find(({ id }) => id === memberId)?.name ?? '',
    members,
    leader: members.find(({ id }) => id === status.leader)?.name ?? null,
    leaderId: status.leader,
    round: status.raftTerm,
    chosenSlot: status.raftIndex,
    appliedSlot: status.raftAppliedIndex,
    revision: revisionOf(status),
    storageBytes: status.dbSize,
    storageBytesInUse: status.dbSizeInUse,
  };
}

function fromWireOperation({ response }: pb.ResponseOp): OperationResponse {
  switch (response?.type) {
    case 'responseRange':
      return fromWireRange(response.value);
    case 'responsePut':
      return fromWirePut(response.value);
    case 'responseDeleteRange':
      return fromWireDelete(response.value);
    case 'responseTxn':
      return fromWireTxn(response.value);
    case undefined:
      throw new Error('the server left out the response of an operation in a transaction');
    default:
      return response satisfies never;
  }
}

function fromWireKeyValue(kv: mvccpb.KeyValue): KeyValue {
  return {
    key: kv.key,
    value: kv.value,
    createRevision: kv.createRevision as Revision,
    modRevision: kv.modRevision as Revision,
    version: kv.version,
    lease: kv.lease,
  };
}

function withoutScheme(url: string | undefined): string {
  return (url ?? '').replace(/^[a-z]+:\/\//, '');
}
