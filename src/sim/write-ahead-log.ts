/** What one crash leaves of the records that were not yet durable. */
export interface Wreckage {
  /** This many of them, the oldest ones, survive. */
  readonly survivors: number;
  /** Whether the first lost one leaves a piece behind, which recovery has to recognise and cut off. */
  readonly torn: boolean;
}

type Entry =
  | { readonly type: 'append'; readonly process: string; readonly record: unknown }
  | { readonly type: 'checkpoint'; readonly process: string; readonly records: readonly unknown[] }
  | { readonly type: 'torn' };

/**
 * A node's write-ahead log: one sequence of entries of all its processes. Entries are numbered from 1; those up to
 * `durable` outlive a crash for certain, of the others a crash keeps some prefix.
 */
export class WriteAheadLog {
  #last = 0;
  #durable = 0;
  /** What recovery would give each process, from durable entries only. */
  readonly #records = new Map<string, unknown[]>();
  /** Entries `durable + 1` to `last`. */
  #unsynced: Entry[] = [];

  get last(): number {
    return this.#last;
  }

  get durable(): number {
    return this.#durable;
  }

  /** Whether there is anything on the disk to read back. */
  get hasDurable(): boolean {
    for (const records of this.#records.values()) if (records.length > 0) return true;
    return false;
  }

  append(process: string, record: unknown): number {
    return this.#write({ type: 'append', process, record });
  }

  checkpoint(process: string, records: readonly unknown[]): number {
    return this.#write({ type: 'checkpoint', process, records });
  }

  /** A sync that began when `upTo` was the last entry has ended. */
  makeDurable(upTo: number): void {
    const count = upTo - this.#durable;
    for (const entry of this.#unsynced.splice(0, count)) this.#settle(entry);
    this.#durable = upTo;
  }

  get unsyncedCount(): number {
    return this.#unsynced.length;
  }

  crash({ survivors, torn }: Wreckage): void {
    const isTorn = torn && survivors < this.#unsynced.length;
    this.#unsynced = this.#unsynced.slice(0, survivors);
    if (isTorn) this.#unsynced.push({ type: 'torn' });
  }

  /** Reads the log after a crash, cuts off a torn tail and makes the rest durable. */
  recover(): { readonly cutTornTail: boolean } {
    const intact = this.#unsynced.filter((entry) => entry.type !== 'torn');
    const cutTornTail = intact.length < this.#unsynced.length;
    for (const entry of intact) this.#settle(entry);
    this.#unsynced = [];
    this.#durable = this.#last;
    return { cutTornTail };
  }

  /** A process's durable records, oldest first. */
  recordsOf(process: string): readonly unknown[] {
    return this.#records.get(process) ?? [];
  }

  #write(entry: Entry): number {
    this.#unsynced.push(entry);
    this.#last += 1;
    return this.#last;
  }

  #settle(entry: Entry): void {
    switch (entry.type) {
      case 'append': {
        const records = this.#records.get(entry.process);
        if (records === undefined) this.#records.set(entry.process, [entry.record]);
        else records.push(entry.record);
        return;
      }
      case 'checkpoint':
        this.#records.set(entry.process, [...entry.records]);
        return;
      case 'torn':
        throw new Error('a torn entry was read as if it were whole: recovery has to cut it off first');
      default:
        entry satisfies never;
    }
  }
}
