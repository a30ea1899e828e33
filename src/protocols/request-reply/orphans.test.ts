import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callMessage, METHODS, SERVER } from '../../../test/request-reply/system.ts';
import { type Address, type AnyProcess, address, type Event, step } from '../../kernel/index.ts';
import { DEFAULT_AGREEMENT } from './agreement.ts';
import { RequestClient } from './client.ts';
import type { RequestReplyMessage } from './messages.ts';
import { RequestServer, type ServerOutput } from './server.ts';

const CLIENT = address('c');

/** A server and the lives of one client, one after the other, over a network that loses what it is told to. */
class Lives {
  readonly lost: string[] = [];
  readonly executed: string[] = [];
  readonly orphaned: string[] = [];
  #client: RequestClient;
  readonly #loses: RequestReplyMessage['type'];
  readonly #server = new RequestServer({
    agreement: DEFAULT_AGREEMENT,
    methods: METHODS,
    filter: true,
    cacheBytesMax: 10_000,
    executingMax: 100,
  });

  constructor(loses: RequestReplyMessage['type']) {
    this.#loses = loses;
    this.#step(SERVER, { type: 'start' });
    this.#client = this.begin(1);
  }

  begin(life: number): RequestClient {
    const [client, servers, agreement] = ['c', [SERVER], DEFAULT_AGREEMENT];
    this.#client = new RequestClient({ client, servers, agreement, isNameFresh: false, acknowledgeAfterMs: null });
    if (life > 1) this.#step(CLIENT, { type: 'recover', record: { type: 'life', life: life - 1, client: 'c' } });
    this.#step(CLIENT, { type: 'start' });
    return this.#client;
  }

  call(call: number): void {
    this.#step(CLIENT, { type: 'message', from: address('outside'), message: callMessage('c', call, 'atMostOnce') });
  }

  #step(at: Address, event: Event): void {
    const process: AnyProcess = at === SERVER ? this.#server : this.#client;
    for (const effect of step(process, event, { self: at, now: 1, choose: () => 0 })) {
      if (effect.type === 'output' && at === SERVER) this.#note(effect.output as ServerOutput);
      if (effect.type !== 'send') continue;
      if (effect.message.type === this.#loses) this.lost.push(effect.message.type);
      else this.#step(effect.to, { type: 'message', from: at, message: effect.message });
    }
  }

  #note(output: ServerOutput): void {
    if (output.type === 'execute') this.executed.push(new TextDecoder().decode(output.body));
    else this.orphaned.push(`${output.ticket} ${output.why}`);
  }
}

test('an extermination that is lost is made up for by the first request of the new life', () => {
  const lives = new Lives('exterminate');
  lives.call(1);
  lives.call(2);
  lives.begin(2);
  assert.deepEqual([lives.lost, lives.orphaned], [['exterminate'], []]);
  lives.call(3);
  assert.deepEqual(lives.orphaned, ['1 exterminated', '2 exterminated']);
  assert.deepEqual(lives.executed, ['c1', 'c2', 'c3']);
  lives.call(4);
  assert.equal(lives.orphaned.length, 2, 'told once');
});

test('an extermination that arrives ends what the earlier life asked for before the new one calls', () => {
  const lives = new Lives('acknowledge');
  lives.call(1);
  lives.begin(2);
  assert.deepEqual([lives.lost, lives.orphaned], [[], ['1 exterminated']]);
});
