import assert from 'node:assert/strict';
import { createServer, connect as dial, type Server } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { UnavailableError, UnknownOutcomeError } from '../member/api.ts';
import { type EtcdServer, serveEtcd } from '../server/etcd.ts';
import { FakeMember } from '../server/fake-member.fixture.ts';
import { toAddresses } from './connect.ts';
import { connect, op, type Store } from './index.ts';
import { storeSuite } from './store.suite.ts';

storeSuite('the remote store', async () => {
  const member = new FakeMember();
  const server = await serveEtcd({ member, host: '127.0.0.1', port: 0 });
  const store = connect(server.address);
  return {
    store,
    tearDown: async () => {
      await store.close();
      await server.close();
    },
  };
});

describe('the remote store, when members fail', () => {
  let members: readonly [FakeMember, FakeMember];
  let servers: EtcdServer[];
  let store: Store;

  beforeEach(async () => {
    members = [new FakeMember(), new FakeMember()];
    servers = await Promise.all(members.map((member) => serveEtcd({ member, host: '127.0.0.1', port: 0 })));
    store = connect(servers.map(({ address }) => address));
  });

  afterEach(async () => {
    await store.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  it('passes a member that can not be reached', async () => {
    await servers[0]?.close();
    await store.put('k', 'v');
    assert.equal(members[0].calls.length, 0);
    assert.equal((await store.get('k'))?.valueText, 'v');
  });

  it('goes on to the next member when one did not execute a write', async () => {
    members[0].instead = async () => {
      throw new UnavailableError('overloaded');
    };
    await store.put('k', 'v');
    assert.equal(members[0].calls.length, 1);
    assert.equal(members[1].calls.length, 1);
  });

  it('never sends a write again whose outcome is unknown', async () => {
    members[0].instead = async () => {
      throw new UnknownOutcomeError('the leader died');
    };
    await assert.rejects(store.put('k', 'v'), { code: 'unknownOutcome' });
    assert.equal(members[1].calls.filter(({ request }) => request.type === 'put').length, 0);
  });

  it('sends a read again, whatever became of it', async () => {
    members[0].instead = async () => {
      throw new UnknownOutcomeError('the leader died');
    };
    assert.equal(await store.get('k'), null);
    assert.equal(members[1].calls.length, 1);
  });

  it('does not know of a write that it stopped waiting for', async () => {
    members[0].instead = () => new Promise(() => {});
    await using hasty = connect(servers[0]?.address ?? '', { timeoutMs: 50 });
    await assert.rejects(hasty.put('k', 'v'), { code: 'unknownOutcome', message: /no answer within (50|4\d) ms/ });
  });

  it('ends the call at the server when the caller gives up', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const cancelled = Promise.withResolvers<void>();
    members[0].instead = (_, { signal }) => {
      signal?.addEventListener('abort', () => cancelled.resolve());
      controller.abort(reason);
      return new Promise(() => {});
    };
    await assert.rejects(store.put('k', 'v', { signal: controller.signal }), reason);
    await cancelled.promise;
  });

  it('reads a page that can not be had in smaller ones', async () => {
    const [member] = members;
    for (let n = 0; n < 300; n += 1) await store.put(`k${n}`, 'v');
    const withoutLongPages: typeof member.instead = async (request, options) => {
      if (request.type === 'range' && request.limit > 16) throw new UnavailableError('no answer within 2000 ms');
      member.instead = null;
      const response = await member.call(request, options);
      member.instead = withoutLongPages;
      return response;
    };
    member.instead = withoutLongPages;
    await using alone = connect(servers[0]?.address ?? '');
    assert.equal(await countOf(alone.range({ prefix: 'k' })), 300);
    member.instead = async () => {
      throw new UnavailableError('no leader');
    };
    const called = member.calls.length;
    await assert.rejects(countOf(alone.range({ prefix: 'k' })), { code: 'unavailable' });
    assert.equal(member.calls.length, called + 1);
  });

  it('does not know of a write that was under way when it was closed', async () => {
    for (const member of members) member.instead = () => new Promise(() => {});
    const writes = [store.put('k', 'v'), store.delete('k'), store.txn().then(op.put('k', 'v')).commit()];
    const reads = [store.get('k'), store.txn().then(op.get('k')).commit(), store.status()];
    const outcomes = Promise.allSettled([...writes, ...reads]);
    await store.close();
    const codes = (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason.code);
    assert.deepEqual(codes, ['unknownOutcome', 'unknownOutcome', 'unknownOutcome', 'closed', 'closed', 'closed']);
  });
});

describe('the remote store, without a server', () => {
  it('says at once that nothing was executed', async () => {
    await using store = connect('127.0.0.1:1');
    await assert.rejects(store.put('k', 'v'), {
      code: 'unavailable',
      message: 'not executed, no member could take the request: 127.0.0.1:1: cannot connect',
    });
  });

  it('comes to a member that starts while the caller tries again and again', async () => {
    const server = await serveEtcd({ member: new FakeMember(), host: '127.0.0.1', port: 0 });
    await server.close();
    await using store = connect(server.address);
    let again: Promise<EtcdServer> | null = null;
    for (;;) {
      try {
        await store.put('k', 'v');
        break;
      } catch {
        // Started by a timer, which would never fire if the failing calls left no time for anything else.
        again ??= setTimeout(1).then(() =>
          serveEtcd({ member: new FakeMember(), host: '127.0.0.1', port: server.port }),
        );
      }
    }
    await (await again)?.close();
  });

  it('does not know of a write whose connection broke', async () => {
    await using relay = await Relay.listen();
    await using store = connect(`127.0.0.1:${relay.port}`);
    await assert.rejects(store.put('k', 'v'), { code: 'unknownOutcome' });
  });

  it('refuses endpoints that are none', () => {
    assert.deepEqual(toAddresses('a:1, http://b:2/'), ['a:1', 'b:2']);
    for (const wrong of ['', 'localhost', 'a:0', 'a:65536', 'https://a:1', 'a:1,']) {
      assert.throws(() => toAddresses(wrong), { code: 'invalidArgument', message: /an endpoint is host:port/ });
    }
    assert.throws(() => toAddresses([]), { code: 'invalidArgument', message: /endpoints are one host:port or more/ });
  });
});

async function countOf(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count += 1;
  return count;
}

/** Relays bytes to a member that never answers, and breaks the connection when a call has reached it. */
class Relay {
  readonly port: number;
  readonly #front: Server;
  readonly #back: EtcdServer;

  private constructor(front: Server, port: number, back: EtcdServer) {
    this.#front = front;
    this.port = port;
    this.#back = back;
  }

  static async listen(): Promise<Relay> {
    const member = new FakeMember();
    const back = await serveEtcd({ member, host: '127.0.0.1', port: 0 });
    const front = createServer((client) => {
      const upstream = dial(back.port, '127.0.0.1');
      client.pipe(upstream).pipe(client);
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
      member.instead = () => {
        client.destroy();
        upstream.destroy();
        return new Promise(() => {});
      };
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const address = front.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    return new Relay(front, address.port, back);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#front.close();
    await this.#back.close();
  }
}
