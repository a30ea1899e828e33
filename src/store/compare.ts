import type { Compare, CompareRelation, Revision } from './api.ts';
import { compareBytes } from './byte-string.ts';
import type { Version } from './key-history.ts';
import { LATEST } from './key-index.ts';
import { spanOf } from './span.ts';
import type { Versions } from './versions.ts';

/**
 * Whether the compare holds for every key of its range, as things are. A range without keys compares as one whose
 * numbers are all 0; but no value equals, or does not equal, one that is not there.
 */
export function holds(compare: Compare, versions: Versions): boolean {
  let empty = true;
  for (const { version } of versions.index.within(spanOf(compare), LATEST)) {
    empty = false;
    if (!relates(compare.relation, difference(compare, version, versions))) return false;
  }
  if (!empty) return true;
  return compare.target !== 'value' && relates(compare.relation, difference(compare, NEVER_WRITTEN, versions));
}

const NO_REVISION = 0 as Revision;
const NEVER_WRITTEN: Version = {
  modRevision: NO_REVISION,
  sub: 0,
  createRevision: NO_REVISION,
  version: 0,
  lease: 0n,
};

/** Negative, zero or positive as the version's field is less than, equal to or greater than what it is compared to. */
function difference(compare: Compare, version: Version, versions: Versions): number {
  switch (compare.target) {
    case 'version':
      return version.version - compare.version;
    case 'create':
      return version.createRevision - compare.revision;
    case 'mod':
      return version.modRevision - compare.revision;
    case 'lease':
      return version.lease < compare.lease ? -1 : Number(version.lease > compare.lease);
    case 'value':
      return compareBytes(versions.read(version).value, compare.value);
    default:
      return compare satisfies never;
  }
}

function relates(relation: CompareRelation, difference: number): boolean {
  switch (relation) {
    case 'equal':
      return difference === 0;
    case 'notEqual':
      return difference !== 0;
    case 'greater':
      return difference > 0;
    case 'less':
      return difference < 0;
    default:
      return relation satisfies never;
  }
}
