import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clone } from '../kernel/clone.ts';
import { hashHex } from '../kernel/hash.ts';
import { MemoryStorage } from '../kernel/memory-storage.ts';
import { MAX_KEY } from '../kernel/storage.ts';
import type { Compare, Operation, StoreRequest } from './api.ts';
import { decodeRequest, encodedBytes, encodeRequest } from './codec.ts';
import { StoreSpecification } from './machine.spec.ts';
import { StoreMachine } from './machine.ts';
import { compact, increment, put, range, remove, txn } from './requests.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const utf8 = (text: string) => new TextEncoder().encode(text);
const A = 97;
const KEYS = [bytes(A), bytes(A, 0), bytes(A, A), bytes(A + 1), bytes(A + 2), bytes(0xff), bytes(0xff, 0xff)];

const key = fc.constantFrom(...KEYS);
const someKey = fc.oneof({ weight: 60, arbitrary: key }, { weight: 1, arbitrary: fc.constant(bytes()) });
const end = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: key },
  { weight: 3, arbitrary: fc.constant(bytes(0)) },
  { weight: 1, arbitrary: fc.constant(bytes()) },
);
const value = fc.constantFrom(bytes(), bytes(1), bytes(1, 0), bytes(2), utf8('7'), utf8('-8'), utf8(String(2n ** 63n)));
const revision = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(40) });
const flag = fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

const aRange = fc
  .record({
    key: someKey,
    end,
    revision,
    limit: fc.constantFrom(0, 0, 1, 2, 3),
    order: fc.constantFrom('none', 'ascend', 'descend'),
    sortBy: fc.constantFrom('key', 'version', 'create', 'mod', 'value'),
    keysOnly: flag,
    countOnly: flag,
    bounds: fc.option(fc.record({ minModRevision: revision, maxModRevision: revision }), { freq: 3, nil: {} }),
    createBounds: fc.option(fc.record({ minCreateRevision: revision, maxCreateRevision: revision }), {
      freq: 3,
      nil: {},
    }),
  })
  .map(({ key: from, bounds, createBounds, ...options }) => range(from, { ...options, ...bounds, ...createBounds }));

const aPut = fc
  .record({
    key: someKey,
    value,
    previous: flag,
    ignoreValue: flag,
    ignoreLease: flag,
    lease: fc.oneof({ weight: 20, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: fc.constant(7n) }),
  })
  .map(({ key: at, value: to, ...options }) => put(at, options.ignoreValue ? bytes() : to, options));

const aDelete = fc
  .record({ key: someKey, end, previous: flag })
  .map(({ key: from, ...options }) => remove(from, options));

const aCompare: fc.Arbitrary<Compare> = fc
  .record({
    key,
    end,
    relation: fc.constantFrom('equal', 'notEqual', 'greater', 'less'),
    target: fc.constantFrom('version', 'create', 'mod', 'value', 'lease'),
    number: fc.nat(6),
    value,
  })
  .map(({ target, number, value: to, ...keys }): Compare => {
    if (target === 'version') return { ...keys, target, version: number };
    if (target === 'value') return { ...keys, target, value: to };
    return target === 'lease' ? { ...keys, target, lease: BigInt(number % 2) } : { ...keys, target, revision: number };
  });

const anOperation: fc.Memo<Operation> = fc.memo((depth) =>
  depth <= 1
    ? fc.oneof(aRange, aPut, aPut, aDelete)
    : fc.oneof(
        { weight: 5, arbitrary: fc.oneof(aRange, aPut, aPut, aDelete) },
        { weight: 1, arbitrary: aTxn(depth - 1) },
      ),
);
const aTxn = (depth: number): fc.Arbitrary<Operation> =>
  fc
    .tuple(
      fc.array(aCompare, { maxLength: 2 }),
      fc.array(anOperation(depth), { maxLength: 4 }),
      fc.array(anOperation(depth), { maxLength: 3 }),
    )
    .map((lists) => txn(...lists));

const anIncrement = fc
  .tuple(someKey, fc.constantFrom(1n, -1n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n))
  .map(([of, by]) => increment(of, by));

const aRequest: fc.Arbitrary<StoreRequest> = fc.oneof(
  { weight: 6, arbitrary: aPut },
  { weight: 3, arbitrary: aRange },
  { weight: 2, arbitrary: aDelete },
  { weight: 4, arbitrary: aTxn(3) },
  { weight: 1, arbitrary: fc.nat(40).map(compact) },
  { weight: 2, arbitrary: anIncrement },
);

type Incident = 'reload' | 'clone' | 'crash' | 'none';
const incident = fc.constantFrom<Incident>('none', 'none', 'none', 'none', 'none', 'reload', 'clone', 'crash');
const someHistory = fc.array(fc.record({ request: aRequest, incident }), { maxLength: 60, size: 'max' });

const RUNS = 400;
const at = { slot: 1, timeMs: 0 };

test('the machine answers as its specification does, whatever happens to its memory', () => {
  fc.assert(
    fc.property(someHistory, (history) => {
      const specification = new StoreSpecification();
      let machine = new StoreMachine(new MemoryStorage());
      for (const step of history) {
        machine = afterIncident(step.incident, machine);
        assert.deepEqual(machine.apply(encodeRequest(step.request), at), specification.execute(step.request));
        assert.equal(machine.stats().keys, specification.latest.size);
      }
      sweepAll(machine);
      assert.equal(machine.stats().rows, specification.rowsWhenSwept);
      assert.equal(machine.stats().revision, specification.revision);
    }),
    { numRuns: RUNS },
  );
});

test('machines that execute the same commands hold the same rows, whatever happens to the memory of one', () => {
  fc.assert(
    fc.property(someHistory, (history) => {
      const undisturbed = new StoreMachine(new MemoryStorage());
      let disturbed = new StoreMachine(new MemoryStorage());
      for (const step of history) {
        undisturbed.apply(encodeRequest(step.request), at);
        disturbed = afterIncident(step.incident, disturbed);
        disturbed.apply(encodeRequest(step.request), at);
        assert.equal(hashHex(rowsOf(disturbed)), hashHex(rowsOf(undisturbed)));
        assert.deepEqual(disturbed.stats(), undisturbed.stats());
      }
    }),
    { numRuns: RUNS / 2 },
  );
});

test('a request is the same after its way through the log', () => {
  fc.assert(
    fc.property(aRequest, (request) => {
      const encoded = encodeRequest(request);
      assert.equal(encoded.length, encodedBytes(request));
      assert.deepEqual(decodeRequest(encoded), request);
    }),
  );
});

test('no bytes in the log make the machine throw, and what it refuses changes nothing', () => {
  const command = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(aRequest, fc.nat(), fc.nat(255)).map(([request, place, byte]) => {
      const encoded = encodeRequest(request);
      encoded[place % encoded.length] = byte;
      return encoded;
    }),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
      const machine = new StoreMachine(new MemoryStorage());
      for (const one of commands) {
        const before = machine.stats().revision;
        if (machine.apply(one, at).type === 'refused') assert.equal(machine.stats().revision, before);
      }
    }),
  );
});

function afterIncident(what: Incident, machine: StoreMachine): StoreMachine {
  switch (what) {
    case 'none':
      return machine;
    case 'reload':
      machine.reload();
      return machine;
    case 'clone':
      return clone(machine);
    case 'crash': {
      const storage = storageOf(machine);
      storage.beginFlush();
      storage.completeFlush();
      storage.crash();
      return reloaded(new StoreMachine(storage));
    }
    default:
      return what satisfies never;
  }
}

function sweepAll(machine: StoreMachine): void {
  while (machine.stats().sweeping) machine.apply(encodeRequest(range(bytes(A))), at);
}

function rowsOf(machine: StoreMachine): (readonly [string, Uint8Array])[] {
  return [...storageOf(machine).entries('', MAX_KEY)];
}

function storageOf(machine: StoreMachine): MemoryStorage {
  const { storage } = machine.versions;
  assert.ok(storage instanceof MemoryStorage);
  return storage;
}

function reloaded(machine: StoreMachine): StoreMachine {
  machine.reload();
  return machine;
}
