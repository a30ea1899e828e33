import type { MemberStatus, ReadConsistency } from '../member/api.ts';
import type { EtcdRequest, StoreResponse } from '../store/api.ts';

export interface BackendCall {
  readonly consistency: ReadConsistency;
  readonly signal: AbortSignal | undefined;
}

/** Where a store's requests go: a member in this process, or the members of a cluster over the network. */
export interface Backend {
  call(request: EtcdRequest, call: BackendCall): Promise<StoreResponse>;
  /** As the member that answers sees it. */
  status(signal: AbortSignal | undefined): Promise<StoreStatus>;
  close(): Promise<void>;
}

/** How a store is, as one of its members sees it. */
export type StoreStatus = MemberStatus;

/** Whether a request changes nothing, and so can be sent again whatever became of it. */
export function isRead(request: EtcdRequest): boolean {
  switch (request.type) {
    case 'range':
      return true;
    case 'put':
    case 'delete':
    case 'compact':
      return false;
    case 'txn':
      return request.success.every(isRead) && request.failure.every(isRead);
    default:
      return request satisfies never;
  }
}
