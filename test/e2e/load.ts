import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { compare, connect, op, type Store } from '../../src/client/index.ts';

const FIRST_WRITES_MS_MAX = 15_000;

/**
 * Writers that each put keys of their own, once each, and increment one counter together, until they are told to stop.
 * They note what became of each write, so that afterwards the store can be held against it.
 */
export class Load {
  /** What all of its keys begin with, so that several loads may follow each other on one store. */
  readonly prefix: string = `load-${randomUUID()}/`;
  readonly counter: string = `${this.prefix}counter`;
  readonly #store: Store;
  readonly #acknowledged = new Set<string>();
  readonly #unknown = new Set<string>();
  #increments = 0;
  #unknownIncrements = 0;
  #stopped = false;
  readonly #writers: Promise<void[]>;

  constructor(endpoints: readonly string[], writers = 16) {
    this.#store = connect(endpoints);
    this.#writers = Promise.all(
      Array.from({ length: writers }, (_, index) =>
        index % 4 === 0 ? this.#count() : this.#put(`${this.prefix}w${index}`),
      ),
    );
    this.#writers.catch(() => {}); // told by `stop`
  }

  get acknowledged(): number {
    return this.#acknowledged.size + this.#increments;
  }

  /** Resolves when so many more writes were acknowledged than were when it was called. */
  async progress(writes: number): Promise<void> {
    const target = this.acknowledged + writes;
    const deadline = Date.now() + FIRST_WRITES_MS_MAX;
    while (this.acknowledged < target) {
      if (this.#stopped || Date.now() > deadline) {
        throw new Error(`${this.acknowledged} of ${target} writes were acknowledged within ${FIRST_WRITES_MS_MAX} ms`);
      }
      await Promise.race([setTimeout(10), this.#writers]);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#writers;
    await this.#store.close();
  }

  /** Every acknowledged write is there, none was executed twice, and nothing is there that nobody wrote. */
  async verify(endpoints: readonly string[]): Promise<void> {
    await using store = connect(endpoints);
    const versions = new Map<string, number>();
    for await (const { keyText, version } of store.range({ prefix: `${this.prefix}w` }, { keysOnly: true })) {
      versions.set(keyText, version);
    }
    const lost = [...this.#acknowledged].filter((key) => !versions.has(key));
    assert.deepEqual(lost, [], 'acknowledged writes that were lost');
    const twice = [...versions].filter(([, version]) => version !== 1);
    assert.deepEqual(twice, [], 'writes that were executed more than once');
    const unasked = [...versions.keys()].filter((key) => !this.#acknowledged.has(key) && !this.#unknown.has(key));
    assert.deepEqual(unasked, [], 'writes that were reported as not executed, and were');

    const counted = Number((await store.get(this.counter))?.valueText ?? 0);
    assert(counted >= this.#increments, `${this.#increments} increments were acknowledged, ${counted} are there`);
    const most = this.#increments + this.#unknownIncrements;
    assert(counted <= most, `at most ${most} increments can have happened, ${counted} are there`);
  }

  async #put(name: string): Promise<void> {
    for (let number = 0; !this.#stopped; number += 1) {
      const key = `${name}/${number}`;
      const outcome = await this.#untilExecuted(() => this.#store.put(key, String(number)));
      if (outcome === 'unknown') this.#unknown.add(key);
      else if (outcome !== 'stopped') this.#acknowledged.add(key);
    }
  }

  async #count(): Promise<void> {
    while (!this.#stopped) {
      const outcome = await this.#untilExecuted(async () => {
        const kv = await this.#store.get(this.counter);
        return this.#store
          .txn()
          .if(compare.modRevision(this.counter).equals(kv?.modRevision ?? 0))
          .then(op.put(this.counter, String(Number(kv?.valueText ?? 0) + 1)))
          .commit();
      });
      if (outcome === 'unknown') this.#unknownIncrements += 1;
      else if (outcome !== 'stopped' && outcome.succeeded) this.#increments += 1;
    }
  }

  /** Tries until the store took the write; what is known not to be executed may be tried again. */
  async #untilExecuted<T>(write: () => Promise<T>): Promise<T | 'unknown' | 'stopped'> {
    while (!this.#stopped) {
      try {
        return await write();
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : null;
        if (code === 'unknownOutcome') return 'unknown';
        if (code !== 'unavailable') throw error;
        await setTimeout(20);
      }
    }
    return 'stopped';
  }
}
