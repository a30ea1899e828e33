import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Address,
  type AnyProcess,
  address,
  type Message,
  type NodeDefinition,
  type NodeId,
  Process,
  replayTrace,
  type Storage,
} from '../../kernel/index.ts';
import { explore } from '../explore.ts';
import { prefix } from '../model.ts';
import { tellResult, tellViolation } from '../tell.ts';
import { lock } from '../testing/lock.fixture.ts';
import type { ProcessModelOptions } from './options.ts';
import { processModel } from './process-model.ts';
import { traceOfRun } from './run-trace.ts';

interface Numbered extends Message {
  readonly type: 'number';
  readonly value: number;
}

/** Sends 1 and then 2. */
class Source extends Process<Numbered> {
  readonly to: Address;

  constructor(to: Address) {
    super();
    this.to = to;
  }

  override onStart(): void {
    this.send(this.to, { type: 'number', value: 1 });
    this.send(this.to, { type: 'number', value: 2 });
  }

  override onMessage(): void {}
}

class Sink extends Process<Numbered, never, never, number> {
  received: number[] = [];

  override onMessage(_from: Address, { value }: Numbered): void {
    this.received.push(value);
    this.output(value);
  }
}

function nodes(...made: readonly (readonly [NodeId, () => AnyProcess])[]): Map<NodeId, NodeDefinition> {
  return new Map(made.map(([node, make]) => [node, () => new Map([['', make()]])]));
}

/** Every sequence that the sink has received when nothing more can happen. */
function received(more: Partial<ProcessModelOptions<number[]>>): string[] {
  const model = processModel<number[]>({
    nodes: nodes(['source', () => new Source(address('sink'))], ['sink', () => new Sink()]),
    history: { start: [], next: (seen, event) => (event.type === 'output' ? [...seen, event.output as number] : seen) },
    outcomes: { received: ({ history }) => history.join(' ') },
    ...more,
  });
  const { outcomes, verdict } = explore(model);
  assert.equal(verdict, 'holds');
  return [...(outcomes['received']?.keys() ?? [])].sort();
}

describe('the outcomes of a run are all that', () => {
  test('a multiset of messages allows', () => assert.deepEqual(received({}), ['1 2', '2 1']));
  test('channels in order allow', () => assert.deepEqual(received({ network: 'fifo' }), ['1 2']));
  test('a loss allows', () => {
    assert.deepEqual(received({ network: 'fifo', budgets: { drops: 1 } }), ['1', '1 2', '2']);
    assert.deepEqual(received({ network: 'fifo', budgets: { drops: 2 } }), ['', '1', '1 2', '2']);
  });
  test('a duplicate allows', () => {
    assert.deepEqual(received({ network: 'fifo', budgets: { duplicates: 1 } }), ['1 1 2', '1 2', '1 2 2']);
  });
  test('a crash of the sink allows: what it outputs stays seen, what comes while it is down is lost', () => {
    assert.deepEqual(received({ network: 'fifo', budgets: { crashes: 1 }, crashing: ['sink'] }), ['', '1', '1 2', '2']);
  });
  test('a partition allows: what is cut off is lost or late', () => {
    const cut = { network: 'fifo', budgets: { partitions: 1 }, cuts: [['sink']] } as const;
    assert.deepEqual(received(cut), ['', '1', '1 2', '2']);
  });
  test('inputs in the order listed, or in any order, allow', () => {
    const inputs = [3, 4].map((value) => ({ to: address('sink'), message: { type: 'number', value } }));
    const alone = { nodes: nodes(['sink', () => new Sink()]), inputs };
    assert.deepEqual(received({ ...alone, inputOrder: 'listed' }), ['3 4']);
    assert.deepEqual(received(alone), ['3 4', '4 3']);
  });
});

type Alarm = 'short' | 'long' | 'anytime';

class Alarms extends Process<never, Alarm, never, Alarm> {
  override onStart(): void {
    this.setTimer('anytime', 1, 100);
    this.setTimer('short', 10, 20);
    this.setTimer('long', 20, 30);
  }

  override onMessage(): void {}

  override onTimer(timer: Alarm): void {
    this.output(timer);
  }
}

test('timers fire in every order that their lengths allow', () => {
  const model = processModel<string[]>({
    nodes: nodes(['clock', () => new Alarms()]),
    history: { start: [], next: (seen, event) => (event.type === 'output' ? [...seen, `${event.output}`] : seen) },
    outcomes: { order: ({ history }) => history.join(' ') },
  });
  const orders = [...(explore(model).outcomes['order']?.keys() ?? [])].sort();
  assert.deepEqual(orders, ['anytime short long', 'short anytime long', 'short long anytime']);
});

class Stopwatch extends Process<never, 'slow' | 'fast', never, number> {
  override onStart(): void {
    this.setTimer('slow', 100, 200);
    this.setTimer('fast', 10, 150);
  }

  override onMessage(): void {}

  override onTimer(): void {
    this.output(this.now());
  }
}

test('clocks stand still, or go by the timers that fire', () => {
  const times = (clocks: 'still' | 'byTimers'): string[] => {
    const model = processModel<number[]>({
      nodes: nodes(['watch', () => new Stopwatch()]),
      clocks,
      history: { start: [], next: (seen, event) => (event.type === 'output' ? [...seen, Number(event.output)] : seen) },
      outcomes: { times: ({ history }) => history.join(' ') },
    });
    return [...(explore(model).outcomes['times']?.keys() ?? [])].sort();
  };
  assert.deepEqual(times('still'), ['0 0']);
  assert.deepEqual(times('byTimers'), ['10 100', '100 100']);
});

class Coin extends Process<never, never, never, string> {
  override onStart(): void {
    const first = this.choose(['heads', 'tails']);
    this.output(first === 'heads' ? `heads ${this.choose([1, 2, 3])}` : 'tails');
  }

  override onMessage(): void {}
}

test('every choice is taken, and a choice that follows from it', () => {
  const model = processModel<string[]>({
    nodes: nodes(['coin', () => new Coin()]),
    history: { start: [], next: (seen, event) => (event.type === 'output' ? [...seen, `${event.output}`] : seen) },
    outcomes: { seen: ({ history }) => history.join() },
  });
  const result = explore(model);
  assert.deepEqual([...(result.outcomes['seen']?.keys() ?? [])], ['heads 1', 'heads 2', 'heads 3', 'tails']);
  assert.equal(result.generated, 4);
});

type Note = { readonly type: 'write' } | { readonly type: 'written' };

/** Writes to its storage when told to, and answers when that is durable; the hasty one at once. */
class Scribe extends Process<Note, never, never, 'done'> {
  readonly storage: Storage;
  readonly hasty: boolean;

  constructor(storage: Storage, hasty: boolean) {
    super();
    this.storage = storage;
    this.hasty = hasty;
  }

  override onMessage(_from: Address, message: Note): void {
    if (message.type === 'write') {
      this.storage.set('written', new Uint8Array([1]));
      this.flush({ type: 'written' });
    }
    if (this.hasty === (message.type === 'write')) this.output('done');
  }
}

function scribe(hasty: boolean): ProcessModelOptions<boolean> {
  return {
    nodes: new Map([['n', ({ storage }) => new Map([['', new Scribe(storage('notes'), hasty)]])]]),
    inputs: [{ to: address('n'), message: { type: 'write' } }],
    disk: 'explicit',
    budgets: { crashes: 1 },
    history: { start: false, next: (done, event) => done || event.type === 'output' },
    invariants: {
      durable: (world) => {
        const process = world.process(address('n'));
        if (!world.history || !(process instanceof Scribe)) return null;
        return process.storage.get('written') === undefined ? 'done, and not written' : null;
      },
    },
  };
}

test('a crash takes a storage back to its last flush', () => {
  assert.equal(explore(processModel(scribe(false))).verdict, 'holds');
  const options = scribe(true);
  const model = processModel(options);
  const [violation] = explore(model).violations;
  assert.ok(violation?.type === 'invariant');
  const steps = violation.run.steps.map(({ action }) => model.tellAction?.(action));
  assert.deepEqual(steps, ['n receives {type: "write"} from outside (input 1)', 'n crashes', 'n restarts']);
  const trace = traceOfRun(model, violation.run, { subject: 'scribe' });
  assert.equal(replayTrace(trace, options.nodes).type, 'same');
});

class Fragile extends Process<Numbered> {
  override onMessage(_from: Address, { value }: Numbered): void {
    if (value === 2) throw new Error('two is too many');
  }
}

test('a process that throws is a violation, told with the step in which it does', (t) => {
  const options = { nodes: nodes(['source', () => new Source(address('sink'))], ['sink', () => new Fragile()]) };
  const model = processModel(options);
  const [violation] = explore(model).violations;
  assert.ok(violation?.type === 'error');
  t.assert.fileSnapshot(tellViolation(model, violation), 'src/check/testing/thrown.txt', {
    serializers: [(value: string) => `${value}\n`],
  });
  const trace = traceOfRun(model, violation.run, { subject: 'fragile' }, violation.attempted);
  assert.equal(replayTrace(trace, options.nodes).type, 'same');
});

class Relay extends Process<Numbered, never, never, number> {
  override onMessage(from: Address, message: Numbered): void {
    if (message.value < 0) this.output(message.value);
    else if (from === this.self) this.send(address('n', 'end'), { ...message, value: -message.value });
    else this.send(this.self, message);
  }
}

test('messages within a node stay in order for each pair of processes', () => {
  const model = processModel<number[]>({
    nodes: new Map<NodeId, NodeDefinition>([
      [
        'n',
        () =>
          new Map<string, AnyProcess>([
            ['relay', new Relay()],
            ['end', new Relay()],
          ]),
      ],
    ]),
    inputs: [1, 2].map((value) => ({ to: address('n', 'relay'), message: { type: 'number', value } })),
    inputOrder: 'listed',
    history: { start: [], next: (seen, event) => (event.type === 'output' ? [...seen, event.output as number] : seen) },
    outcomes: { order: ({ history }) => history.join(' ') },
  });
  assert.deepEqual([...(explore(model).outcomes['order']?.keys() ?? [])], ['-1 -2']);
});

describe('a search that was cut says so, and does not say that anything holds:', () => {
  const model = processModel(lock({ clients: 3, naive: false }));
  const cuts = (result: ReturnType<typeof explore>) => result.cuts.map(({ by }) => by);

  test('by depth', () => {
    const result = explore(model, { limits: { depth: 11 } });
    assert.deepEqual([result.verdict, cuts(result)], ['cut', ['depth']]);
    assert.equal(explore(model, { limits: { depth: 12 } }).verdict, 'holds');
  });
  test('by states', () => {
    const result = explore(model, { limits: { states: 50 } });
    assert.deepEqual([result.verdict, result.states, cuts(result)], ['cut', 50, ['states']]);
  });
  test('by time', () => {
    let ms = 0;
    const big = processModel(lock({ clients: 6, naive: false }));
    const clock = () => {
      ms += 10;
      return ms;
    };
    assert.deepEqual(cuts(explore(big, { limits: { ms: 5 }, clock })), ['time']);
    assert.throws(() => explore(big, { limits: { ms: 5 } }), /a limit of time needs a clock/);
  });
  test('by the caller', () => {
    const big = processModel(lock({ clients: 6, naive: false }));
    assert.deepEqual(cuts(explore(big, { onProgress: ({ states }) => states < 1_000 })), ['caller']);
  });
  test('by a prune', () => {
    const pruned = processModel({ ...lock({ clients: 3, naive: false }), prune: (world) => world.processes === null });
    assert.equal(explore(pruned).verdict, 'holds');
    const first = processModel({ ...lock({ clients: 3, naive: true }), prune: () => true });
    const result = explore(first);
    assert.deepEqual([result.verdict, result.states, cuts(result)], ['cut', 0, ['prune']]);
  });
  test('by sampling', () => {
    const result = explore(model, { search: { type: 'walk', seed: 1, walks: 10 } });
    assert.deepEqual([result.verdict, cuts(result)], ['cut', ['sampling']]);
  });
});

describe('a counterexample that is not found breadth first is shortened:', () => {
  const model = processModel(lock({ clients: 4, naive: true }));
  for (const search of ['dfs', { type: 'walk', seed: 7, walks: 100 }] as const) {
    test(typeof search === 'string' ? search : search.type, () => {
      const [violation] = explore(model, { search }).violations;
      assert.ok(violation?.type === 'invariant');
      assert.equal(violation.run.steps.length, 4);
    });
  }
});

test('a search goes on from any state of a run', () => {
  const model = processModel(lock({ clients: 2, naive: true }));
  const [violation] = explore(model).violations;
  assert.ok(violation?.type === 'invariant');
  const again = explore(model, { from: prefix(violation.run, 2) }).violations[0];
  assert.ok(again?.type === 'invariant');
  assert.deepEqual(again.run, violation.run);
});

test('a goal that no run reaches is a violation', () => {
  const options = lock({ clients: 1, naive: false });
  const result = explore(processModel({ ...options, goals: { never: () => false } }));
  assert.deepEqual([result.verdict, result.violations], ['violated', [{ type: 'goal', property: 'never' }]]);
  assert.match(tellResult(processModel(options), result), /'never' is never reached/);
});

test('a property of steps is checked on every step', () => {
  const holderOf = (world: { process(at: Address): AnyProcess | undefined }): unknown =>
    Reflect.get(world.process(address('server')) ?? {}, 'holder');
  const handsOver = (naive: boolean) =>
    explore(
      processModel({
        ...lock({ clients: 2, naive }),
        invariants: {},
        steps: {
          noTheft: (before, after) =>
            holderOf(before) !== null && holderOf(after) !== null && holderOf(before) !== holderOf(after)
              ? 'the lock is taken from its holder'
              : null,
        },
      }),
    );
  const [violation] = handsOver(true).violations;
  assert.ok(violation?.type === 'step');
  assert.equal(violation.run.steps.length, 2);
});

class Vandal extends Process<Message> {
  onMessage(_from: Address, message: Message): void {
    Reflect.set(message, 'hops', 1);
  }
}

test('a process that changes a message that it receives is told, by name', () => {
  const inputs = [{ to: address('v'), message: { type: 'x', hops: 0 } }];
  const model = processModel({ nodes: nodes(['v', () => new Vandal()]), inputs, invariants: { any: () => null } });
  const [violation] = explore(model).violations;
  assert.ok(violation?.type === 'error');
  assert.match(violation.reason, /^v changes the message that it receives, .*hops: 1/);
});
