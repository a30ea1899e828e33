import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, step } from '../../kernel/index.ts';
import { DEFAULT_LIMITS } from './options.ts';
import { SessionClient, type SessionClientMessage } from './session-client.ts';

const REPLICA = address('a', 'replica');

test('after long idleness a client opens another session before it sends: none of a burst is lost to an expired one', () => {
  const client = new SessionClient({ node: 'a', replica: REPLICA, retryMs: 100 });
  const self = address('a', 'client');
  let nowMs = 0;
  /** What it sends for a message. */
  const give = (message: SessionClientMessage): unknown[] => {
    const effects = step(client, { type: 'message', from: REPLICA, message }, { self, now: nowMs, choose: () => 0 });
    return effects.flatMap((effect) =>
      effect.type === 'send' && 'command' in effect.message ? effect.message.command : [],
    );
  };
  const call = (id: number) => give({ type: 'call', id, body: new Uint8Array(0), timeoutMs: 5_000 });
  const sessionsOf = (commands: unknown[]) => commands.map((command) => (command as { session?: number }).session);
  step(client, { type: 'start' }, { self, now: nowMs, choose: () => 0 });
  assert.deepEqual(sessionsOf(call(1)), [undefined], 'it opens one');
  assert.deepEqual(sessionsOf(give({ type: 'opened', nonce: '1-1', session: 7 })), [7]);
  give({ type: 'reply', session: 7, sequence: 1, reply: null });
  nowMs = DEFAULT_LIMITS.sessionTtlMs / 2;
  assert.deepEqual(sessionsOf(call(2)), [7]);
  give({ type: 'reply', session: 7, sequence: 2, reply: null });
  nowMs += DEFAULT_LIMITS.sessionTtlMs / 2 + 1;
  assert.deepEqual([...sessionsOf(call(3)), ...sessionsOf(call(4))], [undefined], 'both wait for another one');
  assert.deepEqual(sessionsOf(give({ type: 'opened', nonce: '1-2', session: 8 })), [8, 8]);
});
