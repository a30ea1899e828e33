import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { parse } from './arguments.ts';
import { get } from './commands/get.ts';
import { serve } from './commands/serve.ts';
import { localNodes } from './local-node.ts';
import { nextSteps } from './next-steps.ts';
import { runRecorded } from './recorded-terminal.fixture.ts';
import { callFlags } from './request-reply-flags.ts';
import { endpointsOf } from './store-access.ts';

describe('where a command finds the store', () => {
  it('is every member that up starts, unless it is told otherwise', () => {
    const up = localNodes(3, 2379, 'data').map(({ client }) => client);
    assert.deepEqual(endpointsOf(parse(get, ['k']), {}), up);
    assert.deepEqual(endpointsOf(parse(get, ['k']), { COTERIE_ENDPOINTS: 'a:1, b:2' }), ['a:1', 'b:2']);
    const flag = parse(get, ['k', '--endpoints', 'c:3']);
    assert.deepEqual(endpointsOf(flag, { COTERIE_ENDPOINTS: 'a:1' }), ['c:3']);
  });

  it('is named in what to type next, all members of it, where it is not the default', () => {
    const usual = nextSteps(['127.0.0.1:2379', '127.0.0.1:12379'], null);
    assert.match(usual, /-- get greeting\n/);
    assert.match(usual, /--endpoints 127.0.0.1:2379,127.0.0.1:12379 get/);
    assert.doesNotMatch(usual, / call /);
    assert.match(
      nextSteps(['127.0.0.1:3379', '127.0.0.1:13379'], null),
      /greeting --endpoints 127.0.0.1:3379,127.0.0.1:13379/,
    );
  });

  it('is named with the flags that call needs, where request-reply is served', () => {
    const callOf = (typed: readonly string[], ...servers: string[]): string | undefined =>
      / call get greeting(.*)\n/.exec(nextSteps(['127.0.0.1:2379'], callFlags(parse(serve, typed), servers)))?.[1];
    assert.equal(callOf([], '127.0.0.1:4600'), '');
    assert.equal(callOf([], '127.0.0.1:4600', '127.0.0.1:14600'), ' --server 127.0.0.1:4600,127.0.0.1:14600');
    const flags = ['--request-reply-key', 'my key', '--request-reply-after-crash', 'silence'];
    assert.equal(callOf(flags, '[::1]:4700'), " --server '[::1]:4700' --key 'my key' --after-crash silence");
  });

  it('may be a program that is no store, and is told so', async () => {
    const server = createServer((socket) => void socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'));
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(address === null || typeof address === 'string' ? 0 : address.port);
      });
    });
    try {
      const { code, stderr } = await runRecorded(['get', 'k', '--endpoints', `127.0.0.1:${port},127.0.0.1:1`]);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`^coterie: what listens at 127.0.0.1:${port} does not answer as a store does: `));
      const none = await runRecorded(['get', 'k', '--endpoints', '127.0.0.1:1', '--json']);
      assert.equal(none.code, 1);
      assert.equal(JSON.parse(none.stderr).code, 'unavailable');
    } finally {
      server.close();
    }
  });
});
