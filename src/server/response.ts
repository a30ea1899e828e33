import type { DeleteResponse, OperationResponse, PutResponse, RangeResponse, TxnResponse } from '../store/api.ts';
import type * as wire from '../wire/etcdserverpb.ts';

// The store's responses in etcd's terms.

export function rangeResponse(range: RangeResponse, head: wire.ResponseHeader): wire.RangeResponse {
  return { header: head, kvs: range.kvs, more: range.more, count: range.count };
}

export function putResponse(put: PutResponse, head: wire.ResponseHeader): wire.PutResponse {
  return { header: head, prevKv: put.previous };
}

export function deleteResponse(deletion: DeleteResponse, head: wire.ResponseHeader): wire.DeleteRangeResponse {
  return { header: head, deleted: deletion.deleted, prevKvs: deletion.previous };
}

export function txnResponse(txn: TxnResponse, head: wire.ResponseHeader): wire.TxnResponse {
  return { header: head, succeeded: txn.succeeded, responses: txn.responses.map(operationResponse) };
}

/** Within a transaction a header carries the revision only, as in etcd. */
function operationResponse(response: OperationResponse): wire.ResponseOp {
  const head = { clusterId: 0n, memberId: 0n, revision: response.revision, raftTerm: 0 };
  switch (response.type) {
    case 'range':
      return { response: { type: 'responseRange', value: rangeResponse(response, head) } };
    case 'put':
      return { response: { type: 'responsePut', value: putResponse(response, head) } };
    case 'delete':
      return { response: { type: 'responseDeleteRange', value: deleteResponse(response, head) } };
    case 'txn':
      return { response: { type: 'responseTxn', value: txnResponse(response, head) } };
    default:
      return response satisfies never;
  }
}
