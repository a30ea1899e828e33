import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Channel, type ChannelOptions } from './channel.ts';
import { ClientChannels } from './client-channels.ts';

const OPTIONS = { key: null, onMessage: () => undefined };
const OLD = { host: '127.0.0.1', port: 1 };
const NEW = { host: '::1', port: 1 };

/** As on a machine that has no sockets of some families. */
function without(...missing: readonly (4 | 6)[]): (options: ChannelOptions) => Promise<Channel> {
  return async (options) => {
    const { family = null } = options;
    if (family !== null && missing.includes(family)) throw new Error(`no IPv${family} here`);
    return Channel.open(options);
  };
}

test('a family that the machine does not speak is left out, if it speaks the other', async (t) => {
  const one = await ClientChannels.open({ kind: 'udp', ...OPTIONS }, [NEW, OLD], without(6));
  t.after(() => one.close());
  assert.deepEqual(one.endpoints, [OLD]);
  const opening = ClientChannels.open({ kind: 'udp', ...OPTIONS }, [NEW, OLD], without(4, 6));
  await assert.rejects(opening, /^Error: no IPv6 here$/);
});

test('over TCP one channel reaches servers of both', async (t) => {
  const channels = await ClientChannels.open({ kind: 'tcp', ...OPTIONS }, [OLD, NEW], without(4, 6));
  t.after(() => channels.close());
  assert.deepEqual(channels.endpoints, [OLD, NEW]);
});
