import type {
  Compare,
  IncrementRequest,
  KeyRange,
  KeyValue,
  Operation,
  OperationResponse,
  PutResponse,
  RangeRequest,
  RangeResponse,
  Revision,
  StoreErrorCode,
  StoreRequest,
  StoreResponse,
  TxnRequest,
} from './api.ts';
import { toByteString } from './byte-string.ts';
import { refuse } from './refusal.ts';
import { put } from './requests.ts';

/**
 * What the store must answer, said as plainly as possible: it keeps a full copy of its content for every revision. Far
 * too slow to use; the machine is compared with it.
 */
export class StoreSpecification {
  /** The content at each revision; the first is empty. */
  readonly contents: Map<string, KeyValue>[] = [new Map(), new Map()];
  /** Each write of a key and whether it deleted it, by revision. */
  readonly writes: { readonly key: string; readonly revision: number; readonly deletes: boolean }[] = [];
  compacted = -1;

  get revision(): Revision {
    return (this.contents.length - 1) as Revision;
  }

  get latest(): Map<string, KeyValue> {
    return this.contents.at(-1) ?? new Map();
  }

  execute(request: StoreRequest): StoreResponse {
    const invalid = fault(request);
    if (invalid !== null) return refuse(invalid);
    if (request.type === 'compact') return this.compact(request.revision);
    if (request.type === 'increment') return this.increment(request);
    const chosen = this.choose(request);
    const impossible = this.obstacle(chosen);
    if (impossible !== null) return refuse(impossible);
    const content = new Map(this.latest);
    const writesBefore = this.writes.length;
    const response = this.run(chosen, content);
    if (this.writes.length > writesBefore) this.contents.push(content);
    return response;
  }

  /** How many rows are left once a compaction is complete: the newest of each key's up to there, and all later. */
  get rowsWhenSwept(): number {
    const newest = new Map<string, boolean>();
    let later = 0;
    for (const { key, revision, deletes } of this.writes) {
      if (revision > this.compacted) later += 1;
      else newest.set(key, deletes);
    }
    return later + [...newest.values()].filter((deletes) => !deletes).length;
  }

  private compact(revision: number): StoreResponse {
    if (revision <= this.compacted) return refuse('compacted');
    if (revision > this.revision) return refuse('futureRevision');
    this.compacted = revision;
    return { type: 'compact', revision: this.revision };
  }

  private increment({ key, by }: IncrementRequest): StoreResponse {
    const held = this.latest.get(toByteString(key));
    const text = held === undefined ? '0' : String.fromCharCode(...held.value);
    if (!/^-?[0-9]+$/.test(text) || !fits(BigInt(text)) || text.length > 20) return refuse('notANumber');
    const value = BigInt(text) + by;
    if (!fits(value)) return refuse('numberTooLarge');
    const { revision } = this.execute(
      put(
        key,
        Uint8Array.from(String(value), (digit) => digit.charCodeAt(0)),
      ),
    ) as PutResponse;
    return { type: 'increment', revision, value };
  }

  private choose(operation: Operation): Chosen {
    if (operation.type !== 'txn') return operation;
    const succeeded = operation.compares.every((compare) => compareHolds(compare, this.latest));
    return {
      type: 'txn',
      succeeded,
      operations: (succeeded ? operation.success : operation.failure).map((nested) => this.choose(nested)),
    };
  }

  private obstacle(chosen: Chosen): StoreErrorCode | null {
    if (chosen.type === 'txn') {
      for (const operation of chosen.operations) {
        const obstacle = this.obstacle(operation);
        if (obstacle !== null) return obstacle;
      }
    }
    if (chosen.type === 'range' && chosen.revision > this.revision) return 'futureRevision';
    if (chosen.type === 'range' && chosen.revision > 0 && chosen.revision < this.compacted) return 'compacted';
    if (chosen.type === 'put' && chosen.lease !== 0n) return 'leaseNotFound';
    if (chosen.type === 'put' && (chosen.ignoreValue || chosen.ignoreLease)) {
      if (!this.latest.has(toByteString(chosen.key))) return 'keyNotFound';
    }
    return null;
  }

  private run(chosen: Chosen, content: Map<string, KeyValue>): OperationResponse {
    const next = this.contents.length as Revision;
    const write = (key: string, deletes: boolean) => this.writes.push({ key, revision: next, deletes });
    const revision = () => (this.writes.at(-1)?.revision === next ? next : this.revision);
    switch (chosen.type) {
      case 'txn': {
        const responses = chosen.operations.map((operation) => this.run(operation, content));
        return { type: 'txn', revision: revision(), succeeded: chosen.succeeded, responses };
      }
      case 'range': {
        const asked = chosen.revision > 0 && chosen.revision < revision() ? this.contents[chosen.revision] : content;
        return rangeOf(chosen, asked ?? content, revision());
      }
      case 'put': {
        const key = toByteString(chosen.key);
        const previous = content.get(key) ?? null;
        content.set(key, {
          key: chosen.key,
          value: chosen.ignoreValue ? (previous?.value ?? chosen.value) : chosen.value,
          createRevision: previous?.createRevision ?? next,
          modRevision: next,
          version: (previous?.version ?? 0) + 1,
          lease: 0n,
        });
        write(key, false);
        return { type: 'put', revision: next, previous: chosen.previous ? previous : null };
      }
      case 'delete': {
        const gone = keysOf(chosen, content);
        for (const { key } of gone) {
          content.delete(toByteString(key));
          write(toByteString(key), true);
        }
        return { type: 'delete', revision: revision(), deleted: gone.length, previous: chosen.previous ? gone : [] };
      }
      default:
        return chosen satisfies never;
    }
  }
}

function fits(number: bigint): boolean {
  return number >= -(2n ** 63n) && number < 2n ** 63n;
}

type Chosen =
  | Exclude<Operation, TxnRequest>
  | { readonly type: 'txn'; readonly succeeded: boolean; readonly operations: readonly Chosen[] };

function rangeOf(request: RangeRequest, content: Map<string, KeyValue>, revision: Revision): RangeResponse {
  const all = keysOf(request, content);
  const count = all.length;
  if (request.countOnly) return { type: 'range', revision, kvs: [], more: false, count };
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision, limit, order, sortBy } = request;
  const filtered = minModRevision + maxModRevision + minCreateRevision + maxCreateRevision !== 0;
  const cutFirst = limit > 0 && !filtered && (order === 'none' || (order === 'ascend' && sortBy === 'key'));
  const kvs = (cutFirst ? all.slice(0, limit + 1) : all)
    .filter((kv) => minModRevision === 0 || kv.modRevision >= minModRevision)
    .filter((kv) => maxModRevision === 0 || kv.modRevision <= maxModRevision)
    .filter((kv) => minCreateRevision === 0 || kv.createRevision >= minCreateRevision)
    .filter((kv) => maxCreateRevision === 0 || kv.createRevision <= maxCreateRevision);
  const sign = order === 'descend' ? -1 : 1;
  kvs.sort((a, b) => sign * ascending(sortKey(a, sortBy), sortKey(b, sortBy)));
  const more = limit > 0 && kvs.length > limit;
  const kept = more ? kvs.slice(0, limit) : kvs;
  const shown = request.keysOnly ? kept.map((kv) => ({ ...kv, value: new Uint8Array(0) })) : kept;
  return { type: 'range', revision, kvs: shown, more, count };
}

function sortKey(kv: KeyValue, sortBy: RangeRequest['sortBy']): string | number {
  switch (sortBy) {
    case 'key':
      return toByteString(kv.key);
    case 'value':
      return toByteString(kv.value);
    case 'version':
      return kv.version;
    case 'create':
      return kv.createRevision;
    case 'mod':
      return kv.modRevision;
    default:
      return sortBy satisfies never;
  }
}

function keysOf(range: KeyRange, content: Map<string, KeyValue>): KeyValue[] {
  const keys = [...content.keys()].filter((key) => isWithin(range, key)).sort(ascending);
  return keys.flatMap((key) => content.get(key) ?? []);
}

function isWithin({ key, end }: KeyRange, candidate: string): boolean {
  if (end === null || end.length === 0) return candidate === toByteString(key);
  if (candidate < toByteString(key)) return false;
  return toByteString(end) === '\0' || candidate < toByteString(end);
}

function compareHolds(compare: Compare, content: Map<string, KeyValue>): boolean {
  const kvs = keysOf(compare, content);
  if (kvs.length > 0) return kvs.every((kv) => compareOne(compare, kv));
  const none = 0 as Revision;
  const blank = { key: compare.key, value: new Uint8Array(0), createRevision: none, modRevision: none, version: 0 };
  return compare.target !== 'value' && compareOne(compare, { ...blank, lease: 0n });
}

function compareOne(compare: Compare, kv: KeyValue): boolean {
  const order = compareField(compare, kv);
  const { relation } = compare;
  if (relation === 'equal') return order === 0;
  if (relation === 'notEqual') return order !== 0;
  return relation === 'greater' ? order === 1 : order === -1;
}

function compareField(compare: Compare, kv: KeyValue): number {
  switch (compare.target) {
    case 'version':
      return ascending(kv.version, compare.version);
    case 'create':
      return ascending<number>(kv.createRevision, compare.revision);
    case 'mod':
      return ascending<number>(kv.modRevision, compare.revision);
    case 'lease':
      return ascending(kv.lease, compare.lease);
    case 'value':
      return ascending(toByteString(kv.value), toByteString(compare.value));
    default:
      return compare satisfies never;
  }
}

function ascending<X extends string | number | bigint>(a: X, b: X): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function fault(request: StoreRequest, operationsMax = 128): StoreErrorCode | null {
  if (request.type === 'compact') return null;
  if (request.type !== 'txn') {
    if (request.key.length === 0) return 'emptyKey';
    if (request.type !== 'put') return null;
    if (request.ignoreValue && request.value.length > 0) return 'valueProvided';
    return request.ignoreLease && request.lease !== 0n ? 'leaseProvided' : null;
  }
  const inLists = listFault(request, operationsMax);
  if (inLists !== null || operationsMax < 128) return inLists;
  return [request.success, request.failure].some((list) => touched(list) === null) ? 'duplicateKey' : null;
}

function listFault({ compares, success, failure }: TxnRequest, operationsMax: number): StoreErrorCode | null {
  const longest = Math.max(compares.length, success.length, failure.length);
  if (longest > operationsMax) return 'tooManyOperations';
  if (compares.some(({ key }) => key.length === 0)) return 'emptyKey';
  for (const operation of [...success, ...failure]) {
    const inside = fault(operation, operationsMax - longest);
    if (inside !== null) return inside;
  }
  return null;
}

function isBounded({ end }: KeyRange): boolean {
  return end === null || toByteString(end) !== '\0';
}

interface Touched {
  readonly puts: readonly string[];
  readonly deletes: readonly KeyRange[];
}

/** What a list puts and deletes (up to a bound), with all nested lists; null if a key is put that something else puts or deletes. */
function touched(operations: readonly Operation[]): Touched | null {
  let puts: string[] = [];
  let deletes: KeyRange[] = operations.flatMap((operation) =>
    operation.type === 'delete' && isBounded(operation) ? operation : [],
  );
  const isTaken = (key: string) => puts.includes(key) || deletes.some((range) => isWithin(range, key));
  for (const operation of operations) {
    if (operation.type !== 'txn') continue;
    const held = touched(operation.success);
    const not = touched(operation.failure);
    if (held === null || not === null || held.puts.some(isTaken) || not.puts.some(isTaken)) return null;
    puts = [...puts, ...held.puts, ...not.puts];
    deletes = [...deletes, ...held.deletes, ...not.deletes];
  }
  for (const operation of operations) {
    if (operation.type !== 'put') continue;
    if (isTaken(toByteString(operation.key))) return null;
    puts = [...puts, toByteString(operation.key)];
  }
  return { puts, deletes };
}
