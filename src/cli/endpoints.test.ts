import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { parse } from './arguments.ts';
import { get } from './commands/get.ts';
import { localNodes } from './local-node.ts';
import { nextSteps } from './next-steps.ts';
import { runRecorded } from './recorded-terminal.fixture.ts';
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
    assert.match(nextSteps(['127.0.0.1:2379', '127.0.0.1:12379']), /-- get greeting\n/);
    assert.match(nextSteps(['127.0.0.1:2379', '127.0.0.1:12379']), /--endpoints 127.0.0.1:2379,127.0.0.1:12379 get/);
    assert.match(
      nextSteps(['127.0.0.1:3379', '127.0.0.1:13379']),
      /greeting --endpoints 127.0.0.1:3379,127.0.0.1:13379/,
    );
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
