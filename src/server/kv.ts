import type { Member, ReadConsistency } from '../member/api.ts';
import type { StoreRequest, StoreResponse } from '../store/api.ts';
import { kvService } from '../wire/etcdserverpb.ts';
import { Headers } from './header.ts';
import { compactRequest, deleteRequest, isSerializable, putRequest, rangeRequest, txnRequest } from './request.ts';
import { deleteResponse, putResponse, rangeResponse, txnResponse } from './response.ts';
import { type Failure, refusalFailure } from './status.ts';
import { type Caller, type FrontDoor, registerUnary } from './unary.ts';

/** etcd's KV service: each method translates its request, has the member execute it, and translates the response. */
export function serveKv(door: FrontDoor): void {
  const { member } = door;
  const headers = new Headers(member);
  registerUnary(door, kvService.range, async (range, caller) => {
    const consistency = range.serializable ? 'stale' : 'linearizable';
    const response = await execute(member, rangeRequest(range), caller, consistency);
    return response.type === 'range' ? rangeResponse(response, headers.of(response)) : unexpected(response);
  });
  registerUnary(door, kvService.put, async (put, caller) => {
    const response = await execute(member, putRequest(put), caller);
    return response.type === 'put' ? putResponse(response, headers.of(response)) : unexpected(response);
  });
  registerUnary(door, kvService.deleteRange, async (deletion, caller) => {
    const response = await execute(member, deleteRequest(deletion), caller);
    return response.type === 'delete' ? deleteResponse(response, headers.of(response)) : unexpected(response);
  });
  registerUnary(door, kvService.txn, async (txn, caller) => {
    const consistency = isSerializable(txn) ? 'stale' : 'linearizable';
    const response = await execute(member, txnRequest(txn), caller, consistency);
    return response.type === 'txn' ? txnResponse(response, headers.of(response)) : unexpected(response);
  });
  registerUnary(door, kvService.compact, async (compaction, caller) => {
    const response = await execute(member, compactRequest(compaction), caller);
    return response.type === 'compact' ? { header: headers.of(response) } : unexpected(response);
  });
}

function execute(
  member: Member,
  request: StoreRequest,
  { signal, timeoutMs }: Caller,
  consistency: ReadConsistency = 'linearizable',
): Promise<StoreResponse> {
  const options = timeoutMs === undefined ? { signal, consistency } : { signal, consistency, timeoutMs };
  return member.call(request, options);
}

/** A response of another type than was asked for is a refusal, or a bug. */
function unexpected(response: StoreResponse): Failure {
  if (response.type === 'refused') return refusalFailure(response);
  throw new Error(`the store answered with a response of type '${response.type}' to a request of another`);
}
