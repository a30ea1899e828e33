import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { CLIENT_BYTES, DEFAULT_AGREEMENT, ENTRY_BYTES } from '../protocols/request-reply/index.ts';
import { RpcClient, type RpcClientOptions } from './client.ts';
import { OptionError, type OptionErrorCode } from './options.ts';
import { RpcServer, type RpcServerOptions } from './server.ts';
import type { ServiceDefinition } from './service.ts';
import { LOCAL, openClient, openPair } from './sockets.fixture.ts';

const REPLY_BYTES = 300;
const CALL_BYTES = CLIENT_BYTES + ENTRY_BYTES + REPLY_BYTES;
const NOTHING = new Uint8Array(0);
const execute = async (): Promise<Uint8Array> => new Uint8Array(REPLY_BYTES);
const SMALL: ServiceDefinition = { small: { rules: { idempotent: false, replyBytesMax: 10 }, execute } };
const LARGE: ServiceDefinition = { large: { rules: { idempotent: false, replyBytesMax: REPLY_BYTES }, execute } };
const FREE: ServiceDefinition = { free: { rules: { idempotent: true, replyBytesMax: REPLY_BYTES }, execute } };

async function refusesServer(
  t: TestContext,
  options: Partial<RpcServerOptions>,
  expected: { readonly code: OptionErrorCode; readonly message: RegExp },
): Promise<void> {
  const opening = RpcServer.open({ listen: { udp: LOCAL }, directory: null, services: [SMALL], ...options });
  t.after(() => opening.then((server) => server.close()).catch(() => undefined));
  await assert.rejects(opening, { name: 'OptionError', ...expected });
}

async function refusesClient(
  t: TestContext,
  options: Partial<RpcClientOptions>,
  expected: { readonly code: OptionErrorCode; readonly message: RegExp },
): Promise<void> {
  const opening = RpcClient.open({ server: { host: '127.0.0.1', port: 9 }, ...options });
  t.after(() => opening.then((client) => client.close()).catch(() => undefined));
  await assert.rejects(opening, { name: 'OptionError', ...expected });
}

describe('a server is not opened', () => {
  test('with a cache in which no call of a filtered method has room', async (t) => {
    const services = [SMALL, LARGE, FREE];
    await refusesServer(
      t,
      { services, cacheBytesMax: CALL_BYTES - 1 },
      { code: 'cacheTooSmall', message: /^a call of large takes 700 bytes .* 300 .*: got cacheBytesMax 699; / },
    );
    const { client } = await openPair(t, { services, cacheBytesMax: CALL_BYTES });
    assert.equal((await client.call('large', NOTHING)).length, REPLY_BYTES);
    const free = await openPair(t, { services: [FREE], cacheBytesMax: 0 });
    assert.equal((await free.client.call('free', NOTHING)).length, REPLY_BYTES);
  });

  test('with bounds that are none, or let nothing be executed', async (t) => {
    for (const value of [Number.NaN, -1, 0.5]) {
      const code = 'outOfRange';
      await refusesServer(t, { executingMax: value }, { code, message: /^executingMax is a number from 1: got / });
      const message = /^executingBytesMax is a number from 1: got /;
      await refusesServer(t, { executingBytesMax: value }, { code, message });
    }
    const nan = { code: 'outOfRange', message: /^cacheBytesMax is a number from 0: got NaN/ } as const;
    await refusesServer(t, { cacheBytesMax: Number.NaN }, nan);
    const text: object = { executingMax: '10' };
    await refusesServer(t, text, { code: 'outOfRange', message: /^executingMax is a number from 1: got 10/ });
    const rules = { idempotent: true, replyBytesMax: Number.NaN };
    const message = /^replyBytesMax of m is a number from 0: got NaN/;
    await refusesServer(t, { services: [{ m: { rules, execute } }] }, { code: 'outOfRange', message });
  });

  test('if a message that may arrive has more bytes than may be executed at once', async (t) => {
    const [listen, executingBytesMax] = [{ udp: LOCAL, tcp: LOCAL }, 131_072];
    const message = /^executingBytesMax is at least a message over tcp, 4194240 bytes: got 131072; /;
    await refusesServer(t, { listen, executingBytesMax }, { code: 'outOfRange', message });
    await openPair(t, { services: [SMALL], executingBytesMax });
  });

  test('with limits by which messages would not arrive', async (t) => {
    const limits = { datagramBytesMax: 13 };
    const message = /^over udp, limits\.datagramBytesMax is a whole number from 14 to 65507 .*: got 13$/;
    await refusesServer(t, { limits }, { code: 'badLimits', message });
    const keyed = /^over tcp, limits\.datagramBytesMax is a whole number from 26 .*: got 13$/;
    await refusesServer(
      t,
      { limits, key: new Uint8Array(32), listen: { tcp: LOCAL } },
      { code: 'badLimits', message: keyed },
    );
  });

  test('by an agreement that is none', async (t) => {
    const agreement = { retry: { ...DEFAULT_AGREEMENT.retry, tries: 1e6 } };
    const expected = { code: 'badAgreement', message: /^agreement\.retry\.tries is .*: got 1000000$/ } as const;
    await refusesServer(t, { agreement }, expected);
  });
});

describe('a client is not opened', () => {
  test('with a name that servers would not keep', async (t) => {
    const identity = { name: 'ä'.repeat(150), directory: 'unused' };
    await refusesClient(t, { identity }, { code: 'outOfRange', message: /^identity\.name .* 239 bytes: got 300$/ });
  });

  test('by an agreement that is none', async (t) => {
    const expected = { code: 'badAgreement', message: /^agreement\.propagationMsMax is .*: got 0$/ } as const;
    await refusesClient(t, { agreement: { propagationMsMax: 0 } }, expected);
  });

  test('with a key that can be guessed', async (t) => {
    const message = /^a shared key has at least 16 bytes: got 15$/;
    await refusesClient(t, { key: new Uint8Array(15) }, { code: 'outOfRange', message });
  });

  test('with an acknowledgement after no time', async (t) => {
    for (const acknowledgeAfterMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const message = /^acknowledgeAfterMs is a number of ms from 0 to 60000, or null for never: got /;
      await refusesClient(t, { acknowledgeAfterMs }, { code: 'outOfRange', message });
    }
  });

  test('with limits by which messages would not arrive', async (t) => {
    const message = /^over udp, limits\.messageBytesMax is .*: got 1000$/;
    await refusesClient(t, { limits: { messageBytesMax: 1_000 } }, { code: 'badLimits', message });
  });
});

test('a client that is not opened leaves no socket behind', async (t) => {
  const { server } = await openPair(t, { services: [SMALL] });
  const directory = await mkdtemp(join(tmpdir(), 'coterie-options-'));
  t.after(() => rm(directory, { recursive: true }));
  const identity = { name: 'worker', directory };
  await openClient(t, server, 'udp', { identity });
  const sockets = () => process.getActiveResourcesInfo().filter((resource) => resource.startsWith('UDP')).length;
  const before = sockets();
  await assert.rejects(openClient(t, server, 'udp', { identity }), { name: 'DirectoryHeldError' });
  for (let turn = 0; turn < 10; turn += 1) await setImmediate(); // until what was closed is gone
  assert.equal(sockets(), before);
});

test('an option that cannot be is an error of range too', () => {
  assert.ok(new OptionError('outOfRange', 'x') instanceof RangeError);
});
