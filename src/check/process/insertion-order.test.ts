import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, address, type Message, type NodeDefinition, Process } from '../../kernel/index.ts';
import { explore } from '../explore.ts';
import type { Model } from '../model.ts';
import type { ProcessModelOptions } from './options.ts';
import { processModel } from './process-model.ts';

/** Takes whoever came in first, once two have, as a set tells it. */
class Turnstile extends Process<Message> {
  waiting: Set<Address> = new Set();
  first: Address | null = null;

  onMessage(from: Address, { type }: Message): void {
    if (type === 'in') this.waiting.add(from);
    else if (this.waiting.size === 2) this.first = [...this.waiting][0] ?? null;
  }
}

class Client extends Process<Message> {
  readonly word: string;

  constructor(word: string) {
    super();
    this.word = word;
  }

  override onStart(): void {
    this.send(SERVER, { type: this.word });
  }

  onMessage(): void {}
}

const SERVER = address('server');

function turnstile(more: Partial<ProcessModelOptions<null>> = {}): ProcessModelOptions<null> {
  const client = (word: string) => (): ReadonlyMap<string, Client> => new Map([['', new Client(word)]]);
  const nodes = new Map<string, NodeDefinition>([
    ['server', () => new Map([['', new Turnstile()]])],
    ['b', client('in')],
    ['c', client('in')],
    ['d', client('go')],
  ]);
  return {
    nodes,
    invariants: {
      'b is first': (world) => {
        const server = world.process(SERVER);
        return server instanceof Turnstile && server.first === address('c') ? 'c is first' : null;
      },
    },
    ...more,
  };
}

test('states that differ in the order of insertion into a set are two, whichever way is searched', () => {
  for (const search of ['bfs', 'dfs'] as const) {
    assert.equal(explore(processModel(turnstile()), { search }).verdict, 'violated');
  }
});

test('order that is declared to mean nothing does not tell states apart', () => {
  const count = (options: ProcessModelOptions<null>): number =>
    explore(processModel({ ...options, invariants: { any: () => null } })).states;
  assert.ok(count(turnstile({ unordered: ['waiting'] })) < count(turnstile()));
});

test('a model whose states differ in the order of insertion into an object has each of them', () => {
  type State = Readonly<Record<string, boolean>>;
  const model: Model<State, string> = {
    initial: () => [{}],
    actions: (state) => ['a', 'b'].filter((name) => !(name in state)),
    next: (state, action) => ({ ...state, [action]: true }),
    properties: { invariants: { order: (state) => (Object.keys(state).join('') === 'ba' ? 'b before a' : null) } },
  };
  assert.equal(explore(model).verdict, 'violated');
});
