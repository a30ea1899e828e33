import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { compare, type KeyValue, op, type Store } from './index.ts';

/** Gives an empty store of its own, and takes it down again. */
export interface StoreFixture {
  readonly store: Store;
  tearDown(): Promise<void>;
}

/** What every implementation of `Store` keeps, whatever is behind it. */
export function storeSuite(name: string, setUp: () => Promise<StoreFixture>): void {
  describe(name, () => {
    let fixture: StoreFixture;
    let store: Store;

    beforeEach(async () => {
      fixture = await setUp();
      store = fixture.store;
    });

    afterEach(() => fixture.tearDown());

    it('gives back what was put, with its history in numbers', async () => {
      assert.equal(await store.get('k'), null);
      const first = await store.put('k', 'one');
      const second = await store.put('k', 'two', { previous: true });
      assert.equal(second.revision, first.revision + 1);
      assert.equal(second.previous?.valueText, 'one');
      const { keyText, valueText, version, createRevision, modRevision, lease } = found(await store.get('k'));
      assert.deepEqual(
        { keyText, valueText, version, createRevision, modRevision, lease },
        {
          keyText: 'k',
          valueText: 'two',
          version: 2,
          createRevision: first.revision,
          modRevision: second.revision,
          lease: 0n,
        },
      );
    });

    it('keeps bytes as they are', async () => {
      const key = Uint8Array.of(0xff, 0, 1);
      const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await store.put(key, value);
      const kv = found(await store.get(key));
      assert.deepEqual([...kv.key], [...key]);
      assert.deepEqual([...kv.value], [...value]);
      await store.put('empty', '');
      assert.equal(found(await store.get('empty')).value.length, 0);
    });

    it('reads the past by revision', async () => {
      const { revision } = await store.put('k', 'one');
      await store.put('k', 'two');
      await store.delete('k');
      assert.equal((await store.get('k', { revision }))?.valueText, 'one');
      assert.equal((await store.get('k', { revision: revision + 1 }))?.valueText, 'two');
      assert.equal(await store.get('k'), null);
      await assert.rejects(store.get('k', { revision: revision + 99 }), {
        name: 'RefusedError',
        code: 'futureRevision',
      });
    });

    it('ranges over prefixes, bounds and everything', async () => {
      for (const key of ['a', 'b/1', 'b/2', 'c', 'd']) await store.put(key, key.toUpperCase());
      assert.deepEqual(await keys(store.range({ prefix: 'b/' })), ['b/1', 'b/2']);
      assert.deepEqual(await keys(store.range({ from: 'b', to: 'd' })), ['b/1', 'b/2', 'c']);
      assert.deepEqual(await keys(store.range({ from: 'c' })), ['c', 'd']);
      assert.deepEqual(await keys(store.range({ prefix: '' })), ['a', 'b/1', 'b/2', 'c', 'd']);
      assert.deepEqual(await keys(store.range({ key: 'c' })), ['c']);
      assert.equal(await store.count({ prefix: 'b/' }), 2);
    });

    it('pages through a range in either order, within the limit', async () => {
      for (let n = 0; n < 10; n += 1) await store.put(`k${n}`, String(n));
      const options = { pageSize: 3 };
      assert.deepEqual(await keys(store.range({ prefix: 'k' }, options)), numbered([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
      assert.deepEqual(
        await keys(store.range({ prefix: '' }, { ...options, order: 'descend' })),
        numbered([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
      );
      assert.deepEqual(
        await keys(store.range({ prefix: 'k' }, { ...options, limit: 7 })),
        numbered([0, 1, 2, 3, 4, 5, 6]),
      );
      assert.deepEqual(
        await keys(store.range({ prefix: 'k' }, { ...options, limit: 4, order: 'descend' })),
        numbered([9, 8, 7, 6]),
      );
    });

    it('pages through small values and large ones, in pages of a bounded weight', async () => {
      const large = new Uint8Array(1 << 18);
      for (let n = 0; n < 160; n += 1) await store.put(`a${String(n).padStart(3, '0')}`, 'small');
      for (let n = 0; n < 20; n += 1) await store.put(`b${String(n).padStart(3, '0')}`, large);
      let bytes = 0;
      let count = 0;
      for await (const { value } of store.range({ prefix: '' })) {
        bytes += value.length;
        count += 1;
      }
      assert.deepEqual({ count, bytes }, { count: 180, bytes: 160 * 5 + 20 * large.length });
    });

    it('shows one state of the store however long an iteration takes', async () => {
      for (let n = 0; n < 6; n += 1) await store.put(`k${n}`, 'before');
      const seen: string[] = [];
      for await (const kv of store.range({ prefix: 'k' }, { pageSize: 2 })) {
        seen.push(`${kv.keyText}=${kv.valueText}`);
        if (seen.length === 1) {
          await store.put('k5', 'after');
          await store.delete('k4');
          await store.put('k6', 'after');
        }
      }
      assert.deepEqual(seen, ['k0=before', 'k1=before', 'k2=before', 'k3=before', 'k4=before', 'k5=before']);
    });

    it('can be iterated twice, and left early', async () => {
      for (let n = 0; n < 5; n += 1) await store.put(`k${n}`, '');
      const range = store.range({ prefix: 'k' }, { pageSize: 2, keysOnly: true });
      for await (const { keyText } of range) {
        assert.equal(keyText, 'k0');
        break;
      }
      assert.equal((await keys(range)).length, 5);
    });

    it('sorts by what is asked for', async () => {
      for (const [key, value] of [
        ['a', '2'],
        ['b', '3'],
        ['c', '1'],
      ] as const)
        await store.put(key, value);
      assert.deepEqual(await keys(store.range({ prefix: '' }, { sortBy: 'value' })), ['c', 'a', 'b']);
      const last = store.range({ prefix: '' }, { sortBy: 'mod', order: 'descend', limit: 1 });
      assert.deepEqual(await keys(last), ['c']);
    });

    it('deletes one key or many, and tells what they held', async () => {
      for (const key of ['a', 'b1', 'b2']) await store.put(key, key);
      const gone = await store.delete({ prefix: 'b' }, { previous: true });
      assert.equal(gone.deleted, 2);
      assert.deepEqual(
        gone.previous.map((kv) => kv.valueText),
        ['b1', 'b2'],
      );
      assert.deepEqual(await store.delete('b1'), { revision: gone.revision, deleted: 0, previous: [] });
      assert.deepEqual(await keys(store.range({ prefix: '' })), ['a']);
    });

    it('commits one side of a transaction, all of it at one revision', async () => {
      const take = (owner: string) =>
        store
          .txn()
          .if(compare.version('lock').equals(0))
          .then(op.put('lock', owner), op.put('log', owner))
          .else(op.get('lock'))
          .commit();
      const won = await take('first');
      assert.equal(won.succeeded, true);
      assert.deepEqual(
        won.results.map((result) => result.type),
        ['put', 'put'],
      );
      assert.equal(found(await store.get('lock')).modRevision, found(await store.get('log')).modRevision);
      const lost = await take('second');
      assert.equal(lost.succeeded, false);
      const [held] = lost.results;
      assert(held?.type === 'get');
      assert.deepEqual(
        held.kvs.map((kv) => kv.valueText),
        ['first'],
      );
    });

    it('compares values, revisions and versions, over one key or many', async () => {
      const { revision } = await store.put('a', 'x');
      const holds = async (condition: ReturnType<typeof op.txn>['compares'][number]) =>
        (await store.commit({ compares: [condition] })).succeeded;
      assert.equal(await holds(compare.value('a').equals('x')), true);
      assert.equal(await holds(compare.value('a').greaterThan('y')), false);
      assert.equal(await holds(compare.value('a').lessThan('y')), true);
      assert.equal(await holds(compare.version('a').notEquals(1)), false);
      assert.equal(await holds(compare.createRevision('a').equals(revision)), true);
      assert.equal(await holds(compare.modRevision({ prefix: '' }).lessThan(revision + 1)), true);
      assert.equal(await holds(compare.lease('a').equals(0n)), true);
      await store.put('b', 'z');
      assert.equal(await holds(compare.value({ prefix: '' }).equals('x')), false);
    });

    it('executes transactions within transactions', async () => {
      const inner = op.txn({ compares: [compare.version('no').greaterThan(0)], failure: [op.delete('k')] });
      await store.put('k', 'v');
      const { results } = await store.txn().then(inner, op.get('k')).commit();
      const [first, second] = results;
      assert(first?.type === 'txn' && second?.type === 'get');
      assert.equal(first.succeeded, false);
      assert.equal(first.results[0]?.type === 'delete' && first.results[0].deleted, 1);
      assert.equal(second.count, 0);
    });

    it('refuses a transaction that puts a key twice, and changes nothing', async () => {
      const twice = store.txn().then(op.put('k', '1'), op.put('k', '2')).commit();
      await assert.rejects(twice, { name: 'RefusedError', code: 'duplicateKey' });
      assert.equal(await store.get('k'), null);
    });

    it('forgets what was compacted', async () => {
      const { revision } = await store.put('k', 'one');
      const { revision: later } = await store.put('k', 'two');
      await store.compact(later);
      await assert.rejects(store.get('k', { revision }), { name: 'RefusedError', code: 'compacted' });
      await assert.rejects(store.compact(revision), { name: 'RefusedError', code: 'compacted' });
      assert.equal((await store.get('k', { revision: later }))?.valueText, 'two');
    });

    it('ends an iteration whose revision is compacted meanwhile', async () => {
      for (let n = 0; n < 4; n += 1) await store.put(`k${n}`, '');
      const iterating = async (): Promise<void> => {
        for await (const _ of store.range({ prefix: 'k' }, { pageSize: 2 })) {
          const { revision } = await store.put('other', '');
          await store.compact(revision);
        }
      };
      await assert.rejects(iterating(), { code: 'compacted' });
    });

    it('loses no increment of concurrent writers', async () => {
      await store.put('n', '0');
      const increment = async (): Promise<void> => {
        for (;;) {
          const { valueText, modRevision } = found(await store.get('n'));
          const { succeeded } = await store
            .txn()
            .if(compare.modRevision('n').equals(modRevision))
            .then(op.put('n', String(Number(valueText) + 1)))
            .commit();
          if (succeeded) return;
        }
      };
      await Promise.all(Array.from({ length: 10 }, increment));
      assert.equal(found(await store.get('n')).valueText, '10');
    });

    it('reads stale when asked to', async () => {
      await store.put('k', 'v');
      const kv = await store.get('k', { consistency: 'stale' });
      assert(kv === null || kv.valueText === 'v');
    });

    it('tells how it is', async () => {
      const { revision } = await store.put('k', 'v');
      const status = await store.status();
      assert.equal(status.leaderId, status.memberId);
      assert.equal(status.revision, revision);
      assert.equal(status.members.length, 1);
    });

    it('rejects with the reason of a signal', async () => {
      const reason = new Error('enough');
      await assert.rejects(store.put('k', 'v', { signal: AbortSignal.abort(reason) }), reason);
      assert.equal(await store.get('k'), null);
      const controller = new AbortController();
      const under = store.get('k', { signal: controller.signal });
      controller.abort(reason);
      await assert.rejects(under, reason);
    });

    it('says what is wrong with a call that can not be right', async () => {
      await assert.rejects(store.put('', 'v'), {
        name: 'InvalidArgumentError',
        code: 'invalidArgument',
        message: 'a key has at least one byte: got an empty one',
      });
      // @ts-expect-error: what the compiler refuses, a JavaScript caller may do
      await assert.rejects(store.put('k', 7), { message: 'a value is a string or a Uint8Array: got number 7' });
      await assert.rejects(store.put('\ud800', 'v'), {
        code: 'invalidArgument',
        message: 'a key as a string is Unicode: got half a surrogate pair; give its bytes instead',
      });
      await assert.rejects(store.put('k', 'v\udc00'), { code: 'invalidArgument' });
      await assert.rejects(store.get('k', { revision: 1.5 }), {
        message: 'revision is a whole number, 0 or more: got number 1.5',
      });
      assert.throws(() => store.range({ prefix: 'k' }, { pageSize: 0 }), { code: 'invalidArgument' });
      const awaited = async (): Promise<void> => {
        // @ts-expect-error: the compiler refuses it too
        await store.txn().then(op.put('k', 'v'));
      };
      await assert.rejects(awaited(), {
        message: 'a transaction was awaited before it was committed: await txn.commit()',
      });
    });

    it('is closed once and for all', async () => {
      await store.close();
      await store.close();
      await assert.rejects(store.get('k'), { name: 'ClosedError', code: 'closed' });
    });
  });
}

function found(kv: KeyValue | null): KeyValue {
  assert(kv !== null, 'the key is there');
  return kv;
}

async function keys(kvs: AsyncIterable<KeyValue>): Promise<string[]> {
  const found: string[] = [];
  for await (const { keyText } of kvs) found.push(keyText);
  return found;
}

function numbered(numbers: readonly number[]): string[] {
  return numbers.map((n) => `k${n}`);
}
