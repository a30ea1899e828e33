import { doAnswersFit } from './answer-size.ts';
import type {
  DeleteRequest,
  DeleteResponse,
  KeyValue,
  Operation,
  OperationResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  Revision,
  StoreRefusal,
  TxnRequest,
  TxnResponse,
} from './api.ts';
import { toByteString } from './byte-string.ts';
import { holds } from './compare.ts';
import { LATEST, present } from './key-index.ts';
import { executeRange } from './range.ts';
import { refuse } from './refusal.ts';
import { spanOf } from './span.ts';
import type { Versions } from './versions.ts';

/** The revisions of the store when a transaction begins. */
export interface Revisions {
  readonly compacted: number;
  readonly current: Revision;
  /** What the transaction's writes get, if it writes. */
  readonly next: Revision;
}

/**
 * One operation, or a tree of them, executed as one step. All that can be refused is refused by `check`, before the
 * first write, so that nothing is ever undone.
 */
export class Transaction {
  private readonly versions: Versions;
  private readonly revisions: Revisions;
  private writes = 0;

  constructor(versions: Versions, revisions: Revisions) {
    this.versions = versions;
    this.revisions = revisions;
  }

  run(operation: Operation, answerBytesMax: number): OperationResponse | StoreRefusal {
    const step = this.plan(operation);
    const refusal = this.check(step);
    if (refusal !== null) return refusal;
    const fits = doAnswersFit(simpleOf(step), answerBytesMax, this.versions, this.revisions.current);
    return fits ? this.execute(step) : refuse('responseTooLarge');
  }

  /** What the transaction has written so far is at `next`; without writes there is no new revision. */
  get revision(): Revision {
    return this.writes > 0 ? this.revisions.next : this.revisions.current;
  }

  /** Chooses every list, of nested transactions too, by the state before the first write, as etcd does. */
  private plan(operation: Operation): Step {
    if (operation.type !== 'txn') return operation;
    const succeeded = operation.compares.every((compare) => holds(compare, this.versions));
    const chosen = succeeded ? operation.success : operation.failure;
    return { type: 'chosen', succeeded, steps: chosen.map((nested) => this.plan(nested)) };
  }

  private check(step: Step): StoreRefusal | null {
    switch (step.type) {
      case 'range':
        return this.checkRange(step);
      case 'put':
        return this.checkPut(step);
      case 'delete':
        return null;
      case 'chosen':
        for (const nested of step.steps) {
          const refusal = this.check(nested);
          if (refusal !== null) return refusal;
        }
        return null;
      default:
        return step satisfies never;
    }
  }

  private checkRange({ revision }: RangeRequest): StoreRefusal | null {
    if (revision > this.revisions.current) return refuse('futureRevision');
    return revision > 0 && revision < this.revisions.compacted ? refuse('compacted') : null;
  }

  private checkPut({ key, lease, ignoreValue, ignoreLease }: PutRequest): StoreRefusal | null {
    if (lease !== 0n) return refuse('leaseNotFound'); // no lease is ever granted, so far
    if (!ignoreValue && !ignoreLease) return null;
    return this.versions.index.find(toByteString(key), LATEST) === undefined ? refuse('keyNotFound') : null;
  }

  private execute(step: Step): OperationResponse {
    switch (step.type) {
      case 'range':
        return this.range(step);
      case 'put':
        return this.put(step);
      case 'delete':
        return this.delete(step);
      case 'chosen':
        return this.executeChosen(step);
      default:
        return step satisfies never;
    }
  }

  private executeChosen({ succeeded, steps }: Chosen): TxnResponse {
    const responses = steps.map((nested) => this.execute(nested));
    return { type: 'txn', revision: this.revision, succeeded, responses };
  }

  private range(request: RangeRequest): RangeResponse {
    const isLatest = request.revision <= 0 || request.revision === this.revision;
    return executeRange(request, this.versions, isLatest ? LATEST : request.revision, this.revision);
  }

  private put(request: PutRequest): PutResponse {
    const key = toByteString(request.key);
    const history = this.versions.index.history(key);
    const before = present(history, LATEST);
    const previous =
      before !== undefined && (request.previous || request.ignoreValue) ? this.versions.read(before) : null;
    const value = request.ignoreValue && previous !== null ? previous.value : request.value;
    const modRevision = this.revisions.next;
    const version = {
      modRevision,
      sub: this.writes,
      createRevision: before?.createRevision ?? modRevision,
      version: (before?.version ?? 0) + 1,
      lease: request.ignoreLease && before !== undefined ? before.lease : request.lease,
    };
    this.versions.append(key, request.key, value, version, history);
    this.writes += 1;
    return { type: 'put', revision: this.revision, previous: request.previous ? previous : null };
  }

  private delete(request: DeleteRequest): DeleteResponse {
    const found = [...this.versions.index.within(spanOf(request), LATEST)];
    const previous: KeyValue[] = request.previous ? found.map(({ version }) => this.versions.read(version)) : [];
    for (const { key } of found) {
      this.versions.appendDeletion(key, this.revisions.next, this.writes);
      this.writes += 1;
    }
    return { type: 'delete', revision: this.revision, deleted: found.length, previous };
  }
}

/** An operation with all choices made. */
type Step = Exclude<Operation, TxnRequest> | Chosen;

interface Chosen {
  readonly type: 'chosen';
  readonly succeeded: boolean;
  readonly steps: readonly Step[];
}

/** The steps within a step that are no transactions. */
function simpleOf(step: Step): Exclude<Step, Chosen>[] {
  return step.type === 'chosen' ? step.steps.flatMap(simpleOf) : [step];
}
