import { SortedMap } from '../kernel/sorted-map.ts';
import { isDeletion, KeyHistory, type Version } from './key-history.ts';
import type { Span } from './span.ts';

/** A key that is there for a reader, and which version of it. */
export interface Found {
  readonly key: string;
  readonly version: Version;
}

/** Reads the latest state, and also sees what the transaction under way has written. */
export const LATEST: number = Number.POSITIVE_INFINITY;

/** All keys with their histories, in memory, in key order. */
export class KeyIndex {
  private readonly histories = new SortedMap<KeyHistory>();
  /** Keys whose newest version is a deletion, so that the others can be counted without visiting them. */
  private readonly deleted = new SortedMap<true>();

  /** Keys that are there now. */
  get size(): number {
    return this.histories.size - this.deleted.size;
  }

  find(key: string, revision: number): Version | undefined {
    return present(this.histories.get(key), revision);
  }

  /** A key's versions, if there are any. New ones come by `append` only. */
  history(key: string): KeyHistory | undefined {
    return this.histories.get(key);
  }

  /** The keys of the span that are there at the revision, in order. */
  within(span: Span, revision: number): Iterable<Found> {
    if (!span.single) return this.scan(span, revision);
    const version = this.find(span.from, revision);
    return version === undefined ? [] : [{ key: span.from, version }];
  }

  /** How many keys of the span are there now, in logarithmic time. */
  count(span: Span): number {
    if (span.single) return this.find(span.from, LATEST) === undefined ? 0 : 1;
    return this.countKnown(span) - this.deleted.countRange(span.from, span.to);
  }

  /** How many keys of the span have a history, be they there or not. */
  countKnown({ from, to }: Span): number {
    return this.histories.countRange(from, to);
  }

  /** Adds a version to a key's history, which the caller may have looked up already. */
  append(key: string, version: Version, history: KeyHistory | undefined = this.histories.get(key)): void {
    if (history === undefined) {
      this.histories.set(key, new KeyHistory(version));
    } else {
      if (version.version === 1) this.deleted.delete(key);
      history.append(version);
    }
    if (isDeletion(version)) this.deleted.set(key, true);
  }

  /** Removes a key that has no versions left. */
  remove(key: string): void {
    this.histories.delete(key);
    this.deleted.delete(key);
  }

  private *scan(span: Span, revision: number): Generator<Found> {
    for (const [key, history] of this.histories.entries(span.from, span.to)) {
      const version = present(history, revision);
      if (version !== undefined) yield { key, version };
    }
  }
}

/** The version of a key that a reader at the revision sees, unless it deleted the key. */
export function present(history: KeyHistory | undefined, revision: number): Version | undefined {
  const version = revision === LATEST ? history?.newest : history?.at(revision);
  return version === undefined || isDeletion(version) ? undefined : version;
}
