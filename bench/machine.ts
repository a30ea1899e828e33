/**
 * What the store's state machine does on one core, without log, network and disk: `node bench/machine.ts [keys]`.
 * Keys of 8 bytes drawn at random, values of 256 bytes, a storage in memory.
 */
import { MemoryStorage } from '../src/kernel/memory-storage.ts';
import { Random } from '../src/kernel/random.ts';
import type { Revision, StoreRequest } from '../src/store/api.ts';
import { decodeRequest, encodeRequest } from '../src/store/codec.ts';
import { StoreMachine } from '../src/store/machine.ts';
import { compact, EVERYTHING, put, range, txn } from '../src/store/requests.ts';

const KEYS = Number(process.argv[2] ?? 100_000);
const VALUE = new Uint8Array(256).fill(7);
const AT = { slot: 1, timeMs: 0 };
const random = new Random('machine');

function keyOf(number: number): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, BigInt(number) * 0x9e37_79b9_7f4an);
  return key;
}

const keys = Array.from({ length: KEYS }, (_, number) => keyOf(number));
const someKey = (): Uint8Array => keys[random.integer(KEYS)] ?? VALUE;
const many = <X>(count: number, make: () => X): X[] => Array.from({ length: count }, make);

/** Runs the work over each input, after a tenth of them for warming up, and prints what one took. */
function measure<X>(name: string, inputs: readonly X[], work: (input: X) => unknown): void {
  for (const input of inputs.slice(0, inputs.length / 10)) work(input);
  const start = process.hrtime.bigint();
  for (const input of inputs) work(input);
  const nanoseconds = Number(process.hrtime.bigint() - start) / inputs.length;
  const perSecond = Math.round(1e9 / nanoseconds).toLocaleString('en');
  console.log(`${name.padEnd(40)} ${(nanoseconds / 1000).toFixed(2).padStart(9)} µs ${perSecond.padStart(12)}/s`);
}

const storage = new MemoryStorage();
const machine = new StoreMachine(storage);
const apply = (command: Uint8Array): unknown => machine.apply(command, AT);
const encoded = (count: number, make: () => StoreRequest): Uint8Array[] => many(count, () => encodeRequest(make()));

const aPut = put(keyOf(1), VALUE);
measure(
  'encode a put',
  many(500_000, () => aPut),
  encodeRequest,
);
measure(
  'decode a put',
  many(500_000, () => encodeRequest(aPut)),
  decodeRequest,
);
measure(
  'put, new keys',
  keys.map((key) => encodeRequest(put(key, VALUE))),
  apply,
);
measure(
  'put, known keys',
  encoded(200_000, () => put(someKey(), VALUE)),
  apply,
);
measure(
  'put, with the previous value',
  encoded(100_000, () => put(someKey(), VALUE, { previous: true })),
  apply,
);
measure(
  'get',
  many(300_000, () => range(someKey())),
  (request) => machine.read(request),
);
measure(
  'get at a past revision',
  many(100_000, () => range(someKey(), { revision: KEYS })),
  (request) => machine.read(request),
);
const hundred = () => range(someKey(), { end: EVERYTHING.end, limit: 100 });
measure('range of 100 keys', many(5_000, hundred), (request) => machine.read(request));
const hundredKeys = () => ({ ...hundred(), keysOnly: true });
measure('range of 100 keys, keys only', many(10_000, hundredKeys), (request) => machine.read(request));
const countAll = () => range(EVERYTHING.key, { end: EVERYTHING.end, countOnly: true });
measure('count all', many(100_000, countAll), (request) => machine.read(request));
measure(
  'count all at a past revision',
  many(10, () => ({ ...countAll(), revision: KEYS })),
  (request) => machine.read(request),
);
const swap = () => {
  const key = someKey();
  const compares = [{ key, end: null, relation: 'greater', target: 'mod', revision: 0 as Revision }] as const;
  return txn(compares, [put(key, VALUE)], [range(key)]);
};
measure('txn of a compare and a put', encoded(100_000, swap), apply);
measure(
  'txn of 16 puts',
  encoded(5_000, () =>
    txn(
      [],
      keys
        .slice(random.integer(KEYS - 16))
        .slice(0, 16)
        .map((key) => put(key, VALUE)),
    ),
  ),
  apply,
);
measure('reload', [1], () => machine.reload());
const { revision, rows } = machine.stats();
apply(encodeRequest(compact(revision)));
measure(
  'put, while compacted history is swept',
  encoded(Math.floor(rows / 40), () => put(someKey(), VALUE)),
  apply,
);
console.log(machine.stats());
