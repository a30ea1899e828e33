import type { Storage } from '../kernel/storage.ts';
import type { Moment, StateMachine } from '../protocols/state-machine.ts';
import { ANSWER_BYTES_MAX } from './answer-size.ts';
import type {
  CompactRequest,
  IncrementRequest,
  Operation,
  Revision,
  StoreRefusal,
  StoreRequest,
  StoreResponse,
} from './api.ts';
import { MalformedBytesError } from './byte-layout.ts';
import { toByteString } from './byte-string.ts';
import { decodeRequest } from './codec.ts';
import { Compaction } from './compaction.ts';
import { decimalIn, isInt64, toDecimal } from './decimal.ts';
import { LATEST } from './key-index.ts';
import { refuse } from './refusal.ts';
import { put } from './requests.ts';
import { Transaction } from './transaction.ts';
import { isReadOnly, validate } from './validate.ts';
import { Versions } from './versions.ts';

/** What the store holds. */
export interface StoreStats {
  readonly revision: Revision;
  /** Reads below it are refused; -1 before the first compaction. */
  readonly compactRevision: number;
  /** Keys that are there now. */
  readonly keys: number;
  /** Versions of keys that are kept, deletions among them. */
  readonly rows: number;
  /** The lengths of all rows' keys and values: what the data takes in the storage, apart from the engine's own use. */
  readonly bytes: number;
  /** Compacted history is still being removed. */
  readonly sweeping: boolean;
}

/**
 * The store as a deterministic state machine: a key-value store of many versions with etcd's semantics. Its state is
 * the rows in the storage, under its own prefixes; the rest is a function of them.
 */
export class StoreMachine implements StateMachine {
  readonly versions: Versions;
  private readonly compaction: Compaction = new Compaction();
  private revision: Revision = EMPTY;

  /** Knows of what the storage holds after `reload`. */
  constructor(storage: Storage) {
    this.versions = new Versions(storage);
  }

  apply(command: Uint8Array, _at: Moment): StoreResponse {
    const rowsBefore = this.versions.rows;
    const response = this.execute(command);
    const written = this.versions.rows - rowsBefore;
    this.compaction.sweep(this.versions, SWEEP_ROWS_MIN + SWEEP_ROWS_PER_WRITE * written);
    return response;
  }

  read(query: unknown): StoreResponse {
    const request = query as StoreRequest;
    const refusal = validate(request);
    if (refusal !== null) return refusal;
    return isReadOnly(request) ? this.run(request, Number.POSITIVE_INFINITY) : refuse('malformedRequest');
  }

  /** The current revision is that of the last row, or a compaction's that took the last row away. */
  reload(): void {
    this.compaction.reload(this.versions.storage);
    this.revision = Math.max(EMPTY, this.compaction.revision, this.versions.reload()) as Revision;
  }

  stats(): StoreStats {
    return {
      revision: this.revision,
      compactRevision: this.compaction.revision,
      keys: this.versions.index.size,
      rows: this.versions.rows,
      bytes: this.versions.bytes,
      sweeping: this.compaction.isSweeping,
    };
  }

  private execute(command: Uint8Array): StoreResponse {
    const request = decoded(command);
    if (request === null) return refuse('malformedRequest');
    const refusal = validate(request);
    if (refusal !== null) return refusal;
    switch (request.type) {
      case 'compact':
        return this.compact(request);
      case 'increment':
        return this.increment(request);
      default:
        return this.run(request, ANSWER_BYTES_MAX);
    }
  }

  private run(operation: Operation, answerBytesMax: number): StoreResponse {
    const transaction = new Transaction(this.versions, {
      compacted: this.compaction.revision,
      current: this.revision,
      next: this.nextRevision(),
    });
    const response = transaction.run(operation, answerBytesMax);
    this.revision = transaction.revision;
    return response;
  }

  private increment({ key, by }: IncrementRequest): StoreResponse {
    const before = this.versions.index.find(toByteString(key), LATEST);
    const held = before === undefined ? 0n : decimalIn(this.versions.read(before).value);
    if (held === null) return refuse('notANumber');
    const value = held + by;
    if (!isInt64(value)) return refuse('numberTooLarge');
    const response = this.run(put(key, toDecimal(value), { ignoreLease: before !== undefined }), ANSWER_BYTES_MAX);
    return response.type === 'refused' ? response : { type: 'increment', revision: this.revision, value };
  }

  private compact({ revision }: CompactRequest): StoreResponse | StoreRefusal {
    if (revision <= this.compaction.revision) return refuse('compacted');
    if (revision > this.revision) return refuse('futureRevision');
    this.compaction.begin(revision, this.versions.storage);
    return { type: 'compact', revision: this.revision };
  }

  /** The one place that numbers writes: above the last, and no less than the clock of the store. */
  private nextRevision(): Revision {
    return Math.max(this.revision + 1, clock()) as Revision;
  }
}

/** A store of one group needs no clock to order its writes: revisions count them. */
function clock(): number {
  return 0;
}

function decoded(command: Uint8Array): StoreRequest | null {
  try {
    return decodeRequest(command);
  } catch (error) {
    if (error instanceof MalformedBytesError) return null;
    throw error;
  }
}

/** An empty store's, so that the first write makes revision 2. */
const EMPTY = 1 as Revision;

/** More rows are swept than a command writes, so the sweep catches up under any load. */
const SWEEP_ROWS_MIN = 4;
const SWEEP_ROWS_PER_WRITE = 2;
