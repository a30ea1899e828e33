import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { afterPrefix, MAX_KEY, type Storage, type View } from './storage.ts';

/** A storage under test, with what its runtime does to it. */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** Makes everything written so far durable. */
  flush(): Promise<void>;
  /** Loses what is not durable, as a crash does; the storage that the next boot finds. */
  crash(): Promise<Storage>;
  /** Frees what the test took. */
  close(): Promise<void>;
}

type Make = () => Promise<StorageUnderTest>;

/** What every implementation of `Storage` has to pass. */
export function storageSuite(name: string, make: Make): void {
  const check = (claim: string, body: (subject: StorageUnderTest) => Promise<void> | void): void => {
    test(`${name}: ${claim}`, async () => {
      const subject = await make();
      try {
        await body(subject);
      } finally {
        await subject.close();
      }
    });
  };

  check('an empty storage holds nothing', ({ storage }) => {
    assert.equal(storage.get('a'), undefined);
    assert.deepEqual(content(storage), []);
  });

  check('what is written is read at once, flushed or not', async ({ storage, flush }) => {
    storage.set('a', bytes(1));
    storage.set('b', bytes(2));
    assert.deepEqual(content(storage), ['a=1', 'b=2']);
    await flush();
    storage.set('a', bytes(3));
    storage.delete('b');
    storage.set('c', bytes(4));
    assert.deepEqual(storage.get('a'), bytes(3));
    assert.equal(storage.get('b'), undefined);
    assert.deepEqual(content(storage), ['a=3', 'c=4']);
    await flush();
    assert.deepEqual(content(storage), ['a=3', 'c=4']);
  });

  check('a key that was deleted can be set again', async ({ storage, flush }) => {
    storage.set('a', bytes(1));
    await flush();
    storage.delete('a');
    storage.set('a', bytes(2));
    assert.deepEqual(content(storage), ['a=2']);
    await flush();
    assert.deepEqual(content(storage), ['a=2']);
  });

  check('deleting what is not there changes nothing', async ({ storage, flush }) => {
    storage.delete('a');
    await flush();
    storage.delete('a');
    assert.deepEqual(content(storage), []);
  });

  check('an empty value is a value', async ({ storage, flush }) => {
    storage.set('a', new Uint8Array(0));
    assert.deepEqual(storage.get('a'), new Uint8Array(0));
    await flush();
    assert.deepEqual(storage.get('a'), new Uint8Array(0));
    assert.equal(content(storage).length, 1);
  });

  check(
    'entries come in byte order of their keys, from the first bound up to and without the second',
    async ({ storage, flush }) => {
      const keys = ['\u00ff', 'b', 'a\u0000', 'a', '\u0000', 'ab', '\u0080', '\u007f', 'aa\u00ff'];
      for (const [index, key] of keys.entries()) {
        storage.set(key, bytes(index));
        if (index === 4) await flush();
      }
      const inOrder = ['\u0000', 'a', 'a\u0000', 'aa\u00ff', 'ab', 'b', '\u007f', '\u0080', '\u00ff'];
      assert.deepEqual(keysIn(storage, '', MAX_KEY), inOrder);
      assert.deepEqual(keysIn(storage, 'a', 'ab'), ['a', 'a\u0000', 'aa\u00ff']);
      assert.deepEqual(keysIn(storage, 'a', afterPrefix('a')), ['a', 'a\u0000', 'aa\u00ff', 'ab']);
      assert.deepEqual(keysIn(storage, '\u0080', MAX_KEY), ['\u0080', '\u00ff']);
      assert.deepEqual(keysIn(storage, 'c', 'd'), []);
      assert.deepEqual(keysIn(storage, 'b', 'a'), []);
    },
  );

  check('an iteration may be left before its end', ({ storage }) => {
    for (const key of ['a', 'b', 'c']) storage.set(key, bytes(1));
    for (const [key] of storage.entries('', MAX_KEY)) if (key === 'b') break;
    storage.set('d', bytes(1));
    assert.deepEqual(keysIn(storage, '', MAX_KEY), ['a', 'b', 'c', 'd']);
  });

  check('a crash takes the storage back to its last flush', async ({ storage, flush, crash }) => {
    storage.set('a', bytes(1));
    storage.set('b', bytes(1));
    await flush();
    storage.set('a', bytes(2));
    storage.delete('b');
    storage.set('c', bytes(2));
    assert.deepEqual(content(await crash()), ['a=1', 'b=1']);
  });

  check('a crash before the first flush leaves nothing', async ({ storage, crash }) => {
    storage.set('a', bytes(1));
    assert.deepEqual(content(await crash()), []);
  });

  check('a pin shows the last flushed state, whatever is written and flushed later', async ({ storage, flush }) => {
    storage.set('a', bytes(1));
    storage.set('b', bytes(1));
    await flush();
    storage.set('a', bytes(2));
    storage.pin('p');
    const pinned = storage.pinned('p');
    assert.ok(pinned !== undefined);
    assert.deepEqual(content(pinned), ['a=1', 'b=1']);
    storage.delete('b');
    storage.set('c', bytes(3));
    await flush();
    storage.set('b', bytes(4));
    await flush();
    assert.deepEqual(content(pinned), ['a=1', 'b=1']);
    assert.deepEqual(content(storage), ['a=2', 'b=4', 'c=3']);
    assert.deepEqual(pinned.get('b'), bytes(1));
    assert.equal(pinned.get('c'), undefined);
    assert.deepEqual(keysIn(pinned, 'b', 'c'), ['b']);
  });

  check('pins of several names are apart, and one is gone after unpin', async ({ storage, flush }) => {
    storage.pin('empty');
    storage.set('a', bytes(1));
    await flush();
    storage.pin('one');
    storage.set('a', bytes(2));
    await flush();
    assert.deepEqual(content(storage.pinned('empty')), []);
    assert.deepEqual(content(storage.pinned('one')), ['a=1']);
    storage.unpin('one');
    assert.equal(storage.pinned('one'), undefined);
    assert.deepEqual(content(storage.pinned('empty')), []);
    storage.unpin('one');
  });

  check('a name that is pinned again shows the newer state', async ({ storage, flush }) => {
    storage.set('a', bytes(1));
    await flush();
    storage.pin('p');
    storage.set('a', bytes(2));
    await flush();
    storage.pin('p');
    storage.set('a', bytes(3));
    await flush();
    assert.deepEqual(content(storage.pinned('p')), ['a=2']);
  });

  check('a crash loses pins and stage', async ({ storage, flush, crash }) => {
    storage.set('a', bytes(1));
    await flush();
    storage.pin('p');
    storage.stage('s', bytes(1));
    const after = await crash();
    assert.equal(after.pinned('p'), undefined);
    after.adoptStage();
    assert.deepEqual(content(after), []);
  });

  check('the stage is not seen until it is adopted, and then it is all there is', async ({ storage, flush }) => {
    storage.set('a', bytes(1));
    await flush();
    storage.set('b', bytes(1));
    storage.stage('c', bytes(2));
    storage.stage('d', bytes(2));
    storage.stage('c', bytes(3));
    assert.deepEqual(content(storage), ['a=1', 'b=1']);
    storage.adoptStage();
    assert.deepEqual(content(storage), ['c=3', 'd=2']);
    assert.equal(storage.get('a'), undefined);
    storage.set('a', bytes(4));
    storage.delete('d');
    assert.deepEqual(content(storage), ['a=4', 'c=3']);
    await flush();
    assert.deepEqual(content(storage), ['a=4', 'c=3']);
  });

  check('an adopted stage is durable with the next flush and not before', async ({ storage, flush, crash }) => {
    storage.set('a', bytes(1));
    await flush();
    storage.stage('b', bytes(2));
    storage.adoptStage();
    const before = await crash();
    assert.deepEqual(content(before), ['a=1']);
  });

  check('an adopted stage that was flushed outlives a crash', async ({ storage, flush, crash }) => {
    storage.set('a', bytes(1));
    await flush();
    storage.stage('b', bytes(2));
    storage.adoptStage();
    await flush();
    assert.deepEqual(content(await crash()), ['b=2']);
  });

  check('a pin outlives the adoption of a stage', async ({ storage, flush }) => {
    storage.set('a', bytes(1));
    storage.set('b', bytes(1));
    await flush();
    storage.pin('p');
    storage.set('a', bytes(2));
    await flush();
    storage.stage('c', bytes(3));
    storage.adoptStage();
    await flush();
    storage.set('a', bytes(4));
    await flush();
    assert.deepEqual(content(storage.pinned('p')), ['a=1', 'b=1']);
    assert.deepEqual(content(storage), ['a=4', 'c=3']);
  });

  check('the stage is empty after it was cleared or adopted', ({ storage }) => {
    storage.stage('a', bytes(1));
    storage.clearStage();
    storage.stage('b', bytes(1));
    storage.adoptStage();
    assert.deepEqual(content(storage), ['b=1']);
    storage.adoptStage();
    assert.deepEqual(content(storage), []);
  });

  test(`${name}: any run of operations leaves what a plain model says`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), (operations) => runBeside(make, operations)),
      { numRuns: 60 },
    );
  });
}

type Operation =
  | { readonly type: 'set' | 'stage'; readonly key: string; readonly value: number }
  | { readonly type: 'delete' | 'pin' | 'unpin'; readonly key: string }
  | { readonly type: 'adoptStage' | 'clearStage' }
  | { readonly type: 'flush' }
  | { readonly type: 'crash' };

const key = fc.constantFrom('a', 'a\u0000', 'b', 'bb', 'c', '\u00ff');
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constantFrom('set', 'stage'), key, value: fc.nat(255) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('delete'), key }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('pin', 'unpin'), key: fc.constantFrom('p', 'q') }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('flush') }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('adoptStage', 'clearStage') }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('crash') }) },
);

/** What a storage is, in the simplest terms: whole copies of it. */
class Model {
  now = new Map<string, number>();
  durable = new Map<string, number>();
  staged = new Map<string, number>();
  pins = new Map<string, Map<string, number>>();
}

async function runBeside(make: Make, operations: readonly Operation[]): Promise<void> {
  const subject = await make();
  const model = new Model();
  let storage = subject.storage;
  try {
    for (const operation of operations) {
      if (operation.type === 'flush') await subject.flush();
      else if (operation.type === 'crash') storage = await subject.crash();
      else perform(storage, operation);
      performOnModel(model, operation);
      assert.deepEqual(content(storage), expected(model.now));
      for (const name of ['p', 'q']) {
        const pin = model.pins.get(name);
        assert.equal(storage.pinned(name) === undefined, pin === undefined);
        if (pin !== undefined) assert.deepEqual(content(storage.pinned(name)), expected(pin));
      }
    }
  } finally {
    await subject.close();
  }
}

function perform(storage: Storage, operation: Exclude<Operation, { type: 'flush' } | { type: 'crash' }>): void {
  switch (operation.type) {
    case 'set':
    case 'stage':
      storage[operation.type](operation.key, bytes(operation.value));
      break;
    case 'delete':
    case 'pin':
    case 'unpin':
      storage[operation.type](operation.key);
      break;
    case 'adoptStage':
    case 'clearStage':
      storage[operation.type]();
      break;
    default:
      operation satisfies never;
  }
}

function performOnModel(model: Model, operation: Operation): void {
  switch (operation.type) {
    case 'set':
      model.now.set(operation.key, operation.value);
      break;
    case 'stage':
      model.staged.set(operation.key, operation.value);
      break;
    case 'delete':
      model.now.delete(operation.key);
      break;
    case 'pin':
      model.pins.set(operation.key, new Map(model.durable));
      break;
    case 'unpin':
      model.pins.delete(operation.key);
      break;
    case 'adoptStage':
      model.now = model.staged;
      model.staged = new Map();
      break;
    case 'clearStage':
      model.staged = new Map();
      break;
    case 'flush':
      model.durable = new Map(model.now);
      break;
    case 'crash':
      model.now = new Map(model.durable);
      model.staged = new Map();
      model.pins = new Map();
      break;
    default:
      operation satisfies never;
  }
}

function expected(map: ReadonlyMap<string, number>): string[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
}

function bytes(...values: readonly number[]): Uint8Array {
  return new Uint8Array(values);
}

function content(view: View | undefined): string[] {
  assert.ok(view !== undefined);
  return [...view.entries('', MAX_KEY)].map(([name, value]) => {
    assert.deepEqual([...(view.get(name) ?? [])], [...value]);
    return `${name}=${[...value].join()}`;
  });
}

function keysIn(view: View, from: string, to: string): string[] {
  return [...view.entries(from, to)].map(([name]) => name);
}
