import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, address, type NodeId } from './address.ts';
import { MemoryStorage } from './memory-storage.ts';
import { type AnyProcess, type Event, type NodeDefinition, Process, step } from './process.ts';
import { replayTrace } from './replay.ts';
import type { Storage } from './storage.ts';
import { formatTrace, type ProcessStep, parseTrace, type Trace, type TraceStep } from './trace.ts';

type Add = { readonly type: 'add'; readonly amount: number };
type Flushed = { readonly type: 'flushed' };

/** Adds up, keeps the sum in its storage, and draws whom to tell. */
class Counter extends Process<Add | Flushed, 'tick', number, string> {
  sum = 0;
  private readonly storage: Storage;

  constructor(storage: Storage) {
    super();
    this.storage = storage;
  }

  override onStart(): void {
    this.sum = this.storage.get('sum')?.[0] ?? 0;
    this.output(`starts with ${this.sum} at ${this.now()}`);
  }

  override onRecord(record: number): void {
    this.sum += record;
  }

  override onMessage(_from: Address, message: Add | Flushed): void {
    if (message.type === 'flushed') {
      this.output(`pinned ${this.storage.pinned('p')?.get('sum')}`);
      return;
    }
    if (message.amount < 0) throw new Error('only upwards');
    this.sum += message.amount;
    this.storage.set('sum', new Uint8Array([this.sum]));
    this.persist(message.amount);
    this.send(this.choose([address('b'), address('c')]), message);
    this.flush({ type: 'flushed' });
  }

  override onTimer(): void {
    this.storage.pin('p');
    this.setTimer('tick', 10);
  }
}

const definition: NodeDefinition = ({ storage }) => new Map<string, AnyProcess>([['sum', new Counter(storage('s'))]]);
const definitions: ReadonlyMap<NodeId, NodeDefinition> = new Map([['a', definition]]);
const self = address('a', 'sum');

/** Runs what a runtime would run, and writes down the trace of it. */
class Recording {
  readonly steps: TraceStep[] = [];
  readonly #storage = new MemoryStorage();
  #process: AnyProcess | undefined;

  boot(): void {
    this.#process = definition({ node: 'a', storage: () => this.#storage }).get('sum');
    this.steps.push({ at: this.steps.length, node: 'a', type: 'boot' });
  }

  crash(): void {
    this.#storage.crash();
    this.steps.push({ at: this.steps.length, node: 'a', type: 'crash' });
  }

  flush(type: 'beginFlush' | 'completeFlush'): void {
    this.#storage[type]();
    this.steps.push({ at: this.steps.length, node: 'a', type, storage: 's' });
  }

  event(event: Event): void {
    assert.ok(this.#process !== undefined);
    const at = this.steps.length;
    const choices: number[] = [];
    const choose = (count: number): number => {
      choices.push(count - 1);
      return count - 1;
    };
    try {
      const effects = step(this.#process, event, { self, now: at + 0.5, choose });
      this.steps.push({ at, now: at + 0.5, process: self, event, choices, effects });
    } catch (error) {
      this.steps.push({
        at,
        now: at + 0.5,
        process: self,
        event,
        choices,
        effects: [],
        error: (error as Error).message,
      });
    }
  }
}

function add(amount: number): Event {
  return { type: 'message', from: address('b'), message: { type: 'add', amount } as Add };
}

function record(): Trace {
  const recording = new Recording();
  recording.boot();
  recording.event({ type: 'start' });
  recording.event(add(5));
  recording.flush('beginFlush');
  recording.event(add(2));
  recording.flush('completeFlush');
  recording.event({ type: 'timer', timer: 'tick' });
  recording.event({ type: 'message', from: self, message: { type: 'flushed' } });
  recording.steps.push({ at: 8, type: 'note', text: 'the power fails' });
  recording.crash();
  recording.boot();
  recording.event({ type: 'recover', record: 5 });
  recording.event({ type: 'start' });
  recording.event(add(-1));
  const header = { format: 'coterie-trace', version: 1, origin: 'host', subject: 'counter' } as const;
  return parseTrace(formatTrace({ header, steps: recording.steps }));
}

function changed(trace: Trace, index: number, change: Partial<ProcessStep>): Trace {
  return {
    ...trace,
    steps: trace.steps.map((each, at) => (at === index ? ({ ...each, ...change } as TraceStep) : each)),
  };
}

test('a recorded run replays with the same effects, crashes and flushes included', () => {
  const trace = record();
  assert.deepEqual(replayTrace(trace, definitions), { type: 'same', steps: 14 });
  const last = trace.steps[12] as ProcessStep;
  assert.deepEqual(last.effects, [{ type: 'output', output: 'starts with 5 at 12.5', early: false }]);
  const pinned = trace.steps[7] as ProcessStep;
  assert.deepEqual(pinned.effects, [{ type: 'output', output: 'pinned 5', early: false }]);
});

test('the first effect that differs is told, with both sides of it', () => {
  const trace = changed(record(), 2, { event: add(6) });
  const result = replayTrace(trace, definitions);
  assert.deepEqual(result, {
    type: 'diverged',
    step: 2,
    expected: 'effect 1: {type: "persist", record: 5}',
    found: 'effect 1: {type: "persist", record: 6}',
  });
});

test('an effect too few or too many is a difference', () => {
  const trace = record();
  const { effects } = trace.steps[2] as ProcessStep;
  const fewer = replayTrace(changed(trace, 2, { effects: effects.slice(0, 2) }), definitions);
  assert.ok(fewer.type === 'diverged' && fewer.expected === 'no further effect' && fewer.found.startsWith('effect 3'));
  const more = replayTrace(changed(trace, 2, { effects: [...effects, ...effects] }), definitions);
  assert.ok(more.type === 'diverged' && more.found === 'no further effect');
});

test('a step that draws otherwise than recorded is a difference', () => {
  const trace = record();
  const tooFew = replayTrace(changed(trace, 2, { choices: [] }), definitions);
  assert.ok(tooFew.type === 'diverged' && tooFew.expected === '0 choices');
  const tooMany = replayTrace(changed(trace, 2, { choices: [1, 1] }), definitions);
  assert.ok(tooMany.type === 'diverged' && tooMany.found === '1 choices');
  const beyond = replayTrace(changed(trace, 2, { choices: [2] }), definitions);
  assert.ok(beyond.type === 'diverged' && beyond.expected === 'choice 2 of more options');
});

test('an error that was not recorded is a difference, and so is one that is missing', () => {
  const trace = record();
  const found = replayTrace(changed(trace, 2, { event: add(-1) }), definitions);
  assert.deepEqual(found, { type: 'diverged', step: 2, expected: 'no error', found: 'error: only upwards' });
  const missing = replayTrace(changed(trace, 13, { event: add(1) }), definitions);
  assert.ok(missing.type === 'diverged' && missing.expected === 'error: only upwards');
});

test('a step of a process that is down is a difference', () => {
  const trace = record();
  const result = replayTrace(
    { ...trace, steps: trace.steps.filter((each) => !('type' in each) || each.type !== 'boot') },
    definitions,
  );
  assert.ok(result.type === 'diverged' && result.step === 0 && result.expected === 'a process at a/sum');
});

test('a trace that begins with a filled storage replays on it', () => {
  const storage = new MemoryStorage();
  storage.set('sum', new Uint8Array([40]));
  const header = { format: 'coterie-trace', version: 1, origin: 'host', subject: 'counter' } as const;
  const start: ProcessStep = {
    at: 3,
    process: self,
    event: { type: 'start' },
    choices: [],
    effects: [{ type: 'output', output: 'starts with 40 at 3', early: false }],
  };
  const trace: Trace = { header, steps: [{ at: 0, node: 'a', type: 'boot' }, start] };
  assert.equal(replayTrace(trace, definitions, { storages: new Map([['a', new Map([['s', storage]])]]) }).type, 'same');
  assert.equal(replayTrace(trace, definitions).type, 'diverged');
});

test('a node without a definition is an error, not a difference', () => {
  assert.throws(() => replayTrace(record(), new Map()), /boots node 'a', of which no definition was given/);
});
