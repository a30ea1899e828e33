/**
 * What the kernel's operations on plain data cost, beside what JavaScript itself offers, in the same run.
 * Garbage collection on other threads is not counted.
 *
 *     node bench/kernel.ts
 */
import { type Address, address } from '../src/kernel/address.ts';
import {
  clone,
  decode,
  diff,
  encode,
  equal,
  hash,
  hashInto,
  MemoryStorage,
  Process,
  print,
  Random,
  SortedMap,
} from '../src/kernel/index.ts';

type Prepare = { readonly type: 'prepare'; readonly ballot: number };
type Vote = { readonly ballot: number; readonly value: string };

class Acceptor extends Process<Prepare> {
  promised = 7;
  accepted: Vote | null = { ballot: 5, value: 'blue' };
  chosen: string | null = null;
  readonly peers = ['a', 'b', 'c'];
  readonly votes = new Map<string, Vote>([
    ['a', { ballot: 5, value: 'blue' }],
    ['b', { ballot: 3, value: 'red' }],
    ['c', { ballot: 5, value: 'blue' }],
  ]);
  leading = false;
  slot = 42;
  role: 'acceptor' | 'leader' = 'acceptor';

  override onMessage(_from: Address, message: Prepare): void {
    this.promised = message.ballot;
  }
}

const ROUND_MS = 40;
const ROUNDS = 9;

/** Nanoseconds of this thread's CPU time an operation: the least of some rounds, as what disturbs only ever adds. */
function measure(run: () => unknown): number {
  let count = 1;
  for (let elapsed = 0; elapsed < ROUND_MS; count *= 2) elapsed = time(run, count);
  const rounds = Array.from({ length: ROUNDS }, () => (time(run, count) * 1e6) / count);
  return Math.min(...rounds);
}

let sink: unknown;

function time(run: () => unknown, count: number): number {
  const start = cpuMs();
  for (let index = 0; index < count; index += 1) sink = run();
  return cpuMs() - start;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function report(title: string, rows: Readonly<Record<string, () => unknown>>): void {
  console.log(`\n${title}`);
  let base: number | undefined;
  for (const [name, run] of Object.entries(rows)) {
    const ns = measure(run);
    base ??= ns;
    console.log(`  ${name.padEnd(38)} ${ns.toFixed(0).padStart(8)} ns   ${(ns / base).toFixed(2).padStart(6)}×`);
  }
}

const acceptor = new Acceptor();
const other = clone(acceptor);
const changed = clone(acceptor);
changed.votes.set('b', { ballot: 9, value: 'green' });
const words = new Uint32Array(2);

report('a process of 8 fields, a map of 3 among them (× of the first line)', {
  'clone + hash': () => {
    hashInto(clone(acceptor), words, 0);
    return words;
  },
  clone: () => clone(acceptor),
  'hash, into an array': () => hashInto(acceptor, words, 0),
  'hash, as an object': () => hash(acceptor),
  'equal, to an equal one': () => equal(acceptor, other),
  'diff, one change': () => diff(acceptor, changed),
  print: () => print(acceptor),
  structuredClone: () => structuredClone(acceptor),
  'JSON.stringify, map as entries': () => JSON.stringify({ ...acceptor, votes: [...acceptor.votes] }),
  'JSON.parse of JSON.stringify': () => JSON.parse(JSON.stringify({ ...acceptor, votes: [...acceptor.votes] })),
});

const message = { type: 'accept', ballot: 712, slot: 100_234, chosen: 100_230, from: 'a' };
const messageBytes = encode(message);
const messageText = JSON.stringify(message);

report(`a message of 5 fields, ${messageBytes.length} bytes (JSON ${messageText.length})`, {
  encode: () => encode(message),
  decode: () => decode(messageBytes),
  'JSON.stringify': () => JSON.stringify(message),
  'JSON.parse': () => JSON.parse(messageText),
  structuredClone: () => structuredClone(message),
});

const payload = new Uint8Array(256).fill(7);
const carrier = { type: 'accept', ballot: 712, slot: 100_234, command: payload };
const carrierBytes = encode(carrier);
const commands = { type: 'accept', ballot: 712, slot: 100_234, commands: Array.from({ length: 64 }, () => payload) };
const commandsBytes = encode(commands);

report('a message of 4 fields, 256 bytes of payload among them', {
  encode: () => encode(carrier),
  decode: () => decode(carrierBytes),
  structuredClone: () => structuredClone(carrier),
});

report('a batch of 64 payloads', {
  encode: () => encode(commands),
  decode: () => decode(commandsBytes),
});

const MANY = 1_000_000;
const random = new Random('bench');
const keys = Array.from({ length: MANY }, () => `key/${random.next().toString(36)}`);
const sorted = new SortedMap<number>();
const unsorted = new Map<string, number>();
const anyKey = (): string => keys[random.integer(MANY)] as string;
const filled = cpuMs();
for (const [index, key] of keys.entries()) sorted.set(key, index);
console.log(`\nfilled a sorted map of ${MANY}: ${(((cpuMs() - filled) * 1e6) / MANY).toFixed(0)} ns a key`);
for (const [index, key] of keys.entries()) unsorted.set(key, index);

report('a sorted map of a million keys, random ones', {
  'Map.get, for comparison': () => unsorted.get(anyKey()),
  get: () => sorted.get(anyKey()),
  'set, of a key that is there': () => sorted.set(anyKey(), 1),
  'delete and set again': () => {
    const key = anyKey();
    sorted.delete(key);
    return sorted.set(key, 1);
  },
  rank: () => sorted.rank(anyKey()),
  '100 entries, forward': () => {
    let left = 100;
    for (const _ of sorted.entries(anyKey())) if (--left === 0) break;
    return left;
  },
  '100 entries, backward': () => {
    let left = 100;
    for (const _ of sorted.entriesBackward('', anyKey())) if (--left === 0) break;
    return left;
  },
});

const empty = new MemoryStorage();
report('storage', {
  'clone + hash of an empty one': () => {
    hashInto(clone(empty), words, 0);
    return words;
  },
});

report('random numbers', {
  'next, 32 bits': () => random.next(),
  'integer below 1,000': () => random.integer(1000),
  'Math.random': () => Math.random(),
});

report('addresses', { address: () => address('a', 'replica') });
if (sink === undefined) console.log();
