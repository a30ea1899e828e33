import type { Storage } from '../kernel/storage.ts';
import { ByteReader, ByteWriter, NUMBER_BYTES } from './byte-layout.ts';
import { fromByteString, toByteString } from './byte-string.ts';
import { ROW_KEY_BYTES, rowAfter, rowKey } from './row.ts';
import type { Versions } from './versions.ts';

/**
 * What history is gone, and how far the sweep is that removes it.
 *
 * A compaction counts at once: reads below its revision are refused. The rows go later, a few with each command, so
 * that no command waits for long. The sweep goes through rows in the order of their writing, and each forgets the one
 * it replaced, and itself if it is a deletion. So behind the cursor there is just what was live at the cursor, and a
 * later compaction goes on from there: the work is in proportion to what was written, not to what is stored.
 */
export class Compaction {
  /** Reads below it are refused. -1 before the first compaction, as in etcd: one may compact at 0, once. */
  revision = -1;
  /** Where in the rows the sweep goes on. */
  private cursor: string = rowKey(0, 0);

  /** Compacts at a revision above the last one's. */
  begin(revision: number, storage: Storage): void {
    this.revision = revision;
    this.save(storage);
  }

  get isSweeping(): boolean {
    return this.cursor < this.end;
  }

  /** Goes on through at most `rowsMax` rows. */
  sweep(versions: Versions, rowsMax: number): void {
    if (!this.isSweeping) return;
    const batch: (readonly [string, Uint8Array])[] = [];
    for (const row of versions.storage.entries(this.cursor, this.end)) {
      if (batch.length === rowsMax) break;
      batch.push(row);
    }
    for (const [key, bytes] of batch) versions.compactAt(key, bytes);
    const last = batch.at(-1);
    this.cursor = last === undefined || batch.length < rowsMax ? this.end : rowAfter(last[0]);
    this.save(versions.storage);
  }

  reload(storage: Storage): void {
    const saved = storage.get(SAVED);
    if (saved === undefined) {
      this.revision = -1;
      this.cursor = rowKey(0, 0);
      return;
    }
    const reader = new ByteReader(saved);
    this.revision = reader.number();
    this.cursor = toByteString(reader.rest());
  }

  private get end(): string {
    return rowKey(this.revision + 1, 0);
  }

  private save(storage: Storage): void {
    const writer = new ByteWriter(NUMBER_BYTES + ROW_KEY_BYTES);
    writer.number(this.revision);
    writer.raw(fromByteString(this.cursor));
    storage.set(SAVED, writer.bytes);
  }
}

/** Under the prefix of what the store keeps beside its rows. */
const SAVED = 'mcompaction';
