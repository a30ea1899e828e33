import type { KeyValue, RangeRequest, RangeResponse, Revision, SortTarget } from './api.ts';
import { compareBytes } from './byte-string.ts';
import type { Found } from './key-index.ts';
import { spanOf } from './span.ts';
import { type Versions, withoutValue } from './versions.ts';

/**
 * Reads a range at a revision that is there, in etcd's order of steps: fetch, filter, sort, cut. The limit is applied
 * to what is fetched where the keys' own order decides, and after the sort otherwise; values are read last, for what
 * is left.
 */
export function executeRange(request: RangeRequest, versions: Versions, at: number, revision: Revision): RangeResponse {
  const span = spanOf(request);
  if (request.countOnly) {
    return { type: 'range', revision, kvs: [], more: false, count: versions.count(span, at) };
  }
  const most = fetchLimit(request);
  const found = fetch(versions.index.within(span, at), most);
  const count = found.length < most ? found.length : versions.count(span, at);
  const sorted = sort(found.filter(passes(request)), request, versions);
  const more = request.limit > 0 && sorted.length > request.limit;
  const kept = more ? sorted.slice(0, request.limit) : sorted;
  return { type: 'range', revision, kvs: kept.map((one) => toKeyValue(one, request, versions)), more, count };
}

/** One more than the limit, to know whether there is more; without end where filters or a sort choose. */
function fetchLimit(request: RangeRequest): number {
  return request.limit > 0 && isInKeyOrder(request) && !isFiltered(request)
    ? request.limit + 1
    : Number.POSITIVE_INFINITY;
}

/** etcd does not count a sort target without an order as a sort, here, and so cuts before it sorts by that target. */
function isInKeyOrder({ order, sortBy }: RangeRequest): boolean {
  return order === 'none' || (order === 'ascend' && sortBy === 'key');
}

function isFiltered(request: RangeRequest): boolean {
  return (
    request.minModRevision !== 0 ||
    request.maxModRevision !== 0 ||
    request.minCreateRevision !== 0 ||
    request.maxCreateRevision !== 0
  );
}

function fetch(source: Iterable<Found>, limit: number): Found[] {
  const found: Found[] = [];
  for (const one of source) {
    found.push(one);
    if (found.length >= limit) break;
  }
  return found;
}

function passes(request: RangeRequest): (found: Found) => boolean {
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  return ({ version: { modRevision, createRevision } }) =>
    (maxModRevision === 0 || modRevision <= maxModRevision) &&
    (minModRevision === 0 || modRevision >= minModRevision) &&
    (maxCreateRevision === 0 || createRevision <= maxCreateRevision) &&
    (minCreateRevision === 0 || createRevision >= minCreateRevision);
}

/** A target without an order sorts ascending. Equals stay in the order of their keys. */
function sort(found: Found[], { order, sortBy }: RangeRequest, versions: Versions): Found[] {
  if (sortBy === 'key') return order === 'descend' ? found.reverse() : found;
  const direction = order === 'descend' ? -1 : 1;
  if (sortBy === 'value') {
    const valued = found.map((one) => ({ one, value: versions.read(one.version).value }));
    return valued.sort((a, b) => direction * compareBytes(a.value, b.value)).map(({ one }) => one);
  }
  const rank = RANKS[sortBy];
  return found.sort((a, b) => direction * (rank(a) - rank(b)));
}

const RANKS: { readonly [Target in Exclude<SortTarget, 'key' | 'value'>]: (found: Found) => number } = {
  version: ({ version }) => version.version,
  create: ({ version }) => version.createRevision,
  mod: ({ version }) => version.modRevision,
};

function toKeyValue({ key, version }: Found, { keysOnly }: RangeRequest, versions: Versions): KeyValue {
  return keysOnly ? withoutValue(key, version) : versions.read(version);
}
