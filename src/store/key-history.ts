import type { LeaseId, Revision } from './api.ts';

/** One write to a key, without its value, which is in the storage's row at (modRevision, sub). */
export interface Version {
  readonly modRevision: Revision;
  /** The place of the write within its transaction. */
  readonly sub: number;
  readonly createRevision: Revision;
  /** Writes to the key since it was created; 0 is a deletion. */
  readonly version: number;
  readonly lease: LeaseId;
}

/** The versions of one key since the last compaction, oldest first. */
export class KeyHistory {
  private versions: Version[];
  /** Versions before this one are forgotten. Not 0 only in long histories, where moving all the others costs. */
  private first = 0;

  constructor(version: Version) {
    this.versions = [version];
  }

  get length(): number {
    return this.versions.length - this.first;
  }

  get newest(): Version | undefined {
    return this.versions[this.versions.length - 1];
  }

  get oldest(): Version | undefined {
    return this.versions[this.first];
  }

  /** The write that a reader at this revision sees; maybe a deletion. */
  at(revision: number): Version | undefined {
    let low = this.first;
    let high = this.versions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.versions[middle]?.modRevision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low === this.first ? undefined : this.versions[low - 1];
  }

  append(version: Version): void {
    this.versions.push(version);
  }

  forgetOldest(): void {
    if (this.length <= SHORT_HISTORY) {
      this.versions.splice(0, this.first + 1);
      this.first = 0;
      return;
    }
    this.first += 1;
    if (this.first * 2 < this.versions.length) return;
    this.versions = this.versions.slice(this.first);
    this.first = 0;
  }
}

export function isDeletion(version: Version): boolean {
  return version.version === 0;
}

const SHORT_HISTORY = 64;
