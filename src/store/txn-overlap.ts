import { SortedMap } from '../kernel/sorted-map.ts';
import type { Operation, TxnRequest } from './api.ts';
import { toByteString } from './byte-string.ts';
import { isUnbounded, type Span, spanOf } from './span.ts';

/**
 * Whether a way through the transaction would put a key that it puts elsewhere, or that it deletes. etcd's rules: the
 * two lists of one transaction exclude each other, so both may put a key; of two nested transactions in one list both
 * may run, whichever of their lists is chosen, and the deletes of an earlier one bind a later one. Deletes without an
 * upper bound do not count: etcd overlooks them (its `checkIntervals` takes their end of one zero byte as a key), and
 * its users may clear the store and fill it in one transaction.
 */
export function writesAKeyTwice({ success, failure }: TxnRequest): boolean {
  return writesOf(success) === null || writesOf(failure) === null;
}

interface Writes {
  readonly puts: ReadonlySet<string>;
  readonly deletes: Cover;
}

/** What a list of operations can write; null if a key twice. */
function writesOf(operations: readonly Operation[]): Writes | null {
  const puts = new Set<string>();
  const deletes = new Cover();
  for (const operation of operations) {
    if (operation.type === 'delete' && !isUnbounded(operation.end)) deletes.add(spanOf(operation));
  }
  for (const operation of operations) {
    if (operation.type === 'txn' && !addNested(operation, puts, deletes)) return null;
  }
  for (const operation of operations) {
    if (operation.type !== 'put') continue;
    const key = toByteString(operation.key);
    if (puts.has(key) || deletes.has(key)) return null;
    puts.add(key);
  }
  return { puts, deletes };
}

/** Adds what a nested transaction can write to what its list writes; false if that is a key twice. */
function addNested({ success, failure }: TxnRequest, puts: Set<string>, deletes: Cover): boolean {
  const ifHeld = writesOf(success);
  const otherwise = writesOf(failure);
  if (ifHeld === null || otherwise === null) return false;
  const nested = new Set([...ifHeld.puts, ...otherwise.puts]);
  for (const key of nested) if (puts.has(key) || deletes.has(key)) return false;
  for (const key of nested) puts.add(key);
  deletes.addAll(ifHeld.deletes);
  deletes.addAll(otherwise.deletes);
  return true;
}

/** A set of keys made of spans, kept as disjoint ones in order. */
class Cover {
  private readonly spans = new SortedMap<string>();

  has(key: string): boolean {
    const before = this.before(`${key}\0`);
    return before !== null && key < before.to;
  }

  add({ from, to }: Pick<Span, 'from' | 'to'>): void {
    if (from >= to) return;
    const before = this.before(from);
    const start = before !== null && before.to >= from ? before.from : from;
    let end = to;
    const swallowed: string[] = [];
    for (const [next, nextTo] of this.spans.entries(start, `${to}\0`)) {
      swallowed.push(next);
      if (nextTo > end) end = nextTo;
    }
    for (const next of swallowed) this.spans.delete(next);
    this.spans.set(start, end);
  }

  addAll(other: Cover): void {
    for (const [from, to] of other.spans.entries()) this.add({ from, to });
  }

  /** The last span that begins below the key. */
  private before(key: string): { readonly from: string; readonly to: string } | null {
    for (const [from, to] of this.spans.entriesBackward('', key)) return { from, to };
    return null;
  }
}
