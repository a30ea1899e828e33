import type {
  DeleteRequest,
  Operation,
  PutRequest,
  RangeRequest,
  StoreRefusal,
  StoreRequest,
  TxnRequest,
} from './api.ts';
import { encodedBytes } from './codec.ts';
import { isInt64 } from './decimal.ts';
import { refuse } from './refusal.ts';
import { writesAKeyTwice } from './txn-overlap.ts';

/** etcd's defaults: its `--max-request-bytes` and `--max-txn-ops`. */
export const REQUEST_BYTES_MAX: number = 1.5 * 1024 * 1024;
const TXN_OPERATIONS_MAX = 128;

/**
 * Why the store would refuse the request whatever it holds, or null. Front doors ask before they send a request to
 * the log, and the state machine asks again, so that a bad command in the log does no harm.
 */
export function validate(request: StoreRequest): StoreRefusal | null {
  const refusal = validateRequest(request);
  if (refusal !== null) return refusal;
  return encodedBytes(request) > REQUEST_BYTES_MAX ? refuse('requestTooLarge') : null;
}

/** Whether the request can be answered by `read`, without the log. */
export function isReadOnly(request: StoreRequest): request is RangeRequest | TxnRequest {
  if (request.type === 'txn') return request.success.every(isReadOnly) && request.failure.every(isReadOnly);
  return request.type === 'range';
}

function validateRequest(request: StoreRequest): StoreRefusal | null {
  switch (request.type) {
    case 'range':
      return validateRange(request);
    case 'put':
      return validatePut(request);
    case 'delete':
      return validateDelete(request);
    case 'txn':
      return validateTxn(request, TXN_OPERATIONS_MAX) ?? (writesAKeyTwice(request) ? refuse('duplicateKey') : null);
    case 'compact':
      return null;
    case 'increment':
      if (request.key.length === 0) return refuse('emptyKey');
      return isInt64(request.by) ? null : refuse('numberTooLarge');
    default:
      return request satisfies never;
  }
}

function validateRange({ key, order, sortBy }: RangeRequest): StoreRefusal | null {
  if (key.length === 0) return refuse('emptyKey');
  return ORDERS.has(order) && SORT_TARGETS.has(sortBy) ? null : refuse('invalidSortOption');
}

function validatePut({ key, value, lease, ignoreValue, ignoreLease }: PutRequest): StoreRefusal | null {
  if (key.length === 0) return refuse('emptyKey');
  if (ignoreValue && value.length > 0) return refuse('valueProvided');
  return ignoreLease && lease !== 0n ? refuse('leaseProvided') : null;
}

function validateDelete({ key }: DeleteRequest): StoreRefusal | null {
  return key.length === 0 ? refuse('emptyKey') : null;
}

/** A nested transaction may have as many operations as its parent's longest list leaves of the limit. */
function validateTxn(request: TxnRequest, operationsMax: number): StoreRefusal | null {
  const { compares, success, failure } = request;
  const longest = Math.max(compares.length, success.length, failure.length);
  if (longest > operationsMax) return refuse('tooManyOperations');
  if (compares.some(({ key }) => key.length === 0)) return refuse('emptyKey');
  for (const operation of [...success, ...failure]) {
    const refusal = validateOperation(operation, operationsMax - longest);
    if (refusal !== null) return refusal;
  }
  return null;
}

function validateOperation(operation: Operation, operationsMax: number): StoreRefusal | null {
  return operation.type === 'txn' ? validateTxn(operation, operationsMax) : validateRequest(operation);
}

// Requests come from wire formats too, whose numbers need not be among the names.
const ORDERS: ReadonlySet<string> = new Set<RangeRequest['order']>(['none', 'ascend', 'descend']);
const SORT_TARGETS: ReadonlySet<string> = new Set<RangeRequest['sortBy']>(['key', 'version', 'create', 'mod', 'value']);
