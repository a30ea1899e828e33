import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { connect, type Store } from '../../src/client/index.ts';
import { type EtcdServer, serveEtcd } from '../../src/server/etcd.ts';
import { FakeMember } from '../../src/server/fake-member.fixture.ts';
import { Load } from './load.ts';

describe('the load, held against a store', () => {
  let server: EtcdServer;
  let store: Store;
  let load: Load;

  beforeEach(async () => {
    server = await serveEtcd({ member: new FakeMember(), host: '127.0.0.1', port: 0 });
    store = connect(server.address);
    load = new Load([server.address]);
    await load.progress(100);
    await load.stop();
  });

  afterEach(async () => {
    await store.close();
    await server.close();
  });

  it('finds nothing wrong with a store that keeps everything', async () => {
    await load.verify([server.address]);
    assert(load.acknowledged >= 100);
  });

  it('notices a lost write', async () => {
    await store.delete(`${load.prefix}w1/0`);
    await assert.rejects(load.verify([server.address]), /acknowledged writes that were lost/);
  });

  it('notices a write that was executed twice', async () => {
    await store.put(`${load.prefix}w1/0`, '0');
    await assert.rejects(load.verify([server.address]), /writes that were executed more than once/);
  });

  it('notices a write that nobody made', async () => {
    await store.put(`${load.prefix}w1/999999`, '0');
    await assert.rejects(load.verify([server.address]), /writes that were reported as not executed, and were/);
  });

  it('notices a lost increment, and one too many', async () => {
    const counted = Number((await store.get(load.counter))?.valueText);
    for (const wrong of [counted - 1, counted + 1]) {
      await store.put(load.counter, String(wrong));
      await assert.rejects(load.verify([server.address]), /increments/);
    }
  });
});
