import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { connect } from '../../src/client/index.ts';
import { TestCluster } from './cluster.ts';
import { Load } from './load.ts';

/** Leases last about a second: after this, whatever a paused leader held has run out. */
const LONGER_THAN_LEASE_MS = 2_500;
/** Long enough to answer what it may answer. */
const ALONE_MS = 500;
/** A member that can't end in order within 5 seconds ends with code 1. */
const STOP_MS_MAX = 5_500;

describe('a cluster of three under load', () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start();
  });

  // Also after a test that failed halfway.
  beforeEach(async () => {
    for (const node of cluster.nodes) cluster.rejoin(node);
    await cluster.startAll();
  });

  after(() => cluster.close());

  it('keeps every acknowledged write when its leader, then a follower, is killed', async () => {
    const load = new Load(cluster.endpoints);
    await load.progress(200);

    const first = await cluster.leader();
    await first.kill();
    const second = await cluster.leader([first]);
    assert.notEqual(second, first);
    await load.progress(200);
    await first.start();

    const follower = await cluster.follower();
    await follower.kill();
    await load.progress(200);
    await follower.start();
    await load.progress(200);

    await load.stop();
    await load.verify(cluster.endpoints);
  });

  it('keeps every acknowledged write when all are killed at once, and again', async () => {
    const load = new Load(cluster.endpoints);
    for (const writes of [500, 100]) {
      await load.progress(writes);
      await cluster.killAll();
      await cluster.startAll();
    }
    await load.progress(100);
    await load.stop();
    await load.verify(cluster.endpoints);
  });

  it('goes on while each member is stopped in order and started again', async () => {
    const load = new Load(cluster.endpoints);
    for (const node of cluster.nodes) {
      await load.progress(100);
      const began = Date.now();
      assert.equal(await node.stop(), 0, node.complaints);
      assert(Date.now() - began < STOP_MS_MAX, `${node.name} took ${Date.now() - began} ms to stop`);
      await load.progress(100);
      await node.start();
      await cluster.leader();
    }
    await load.stop();
    await load.verify(cluster.endpoints);
  });

  it('reads nothing stale from a leader that was paused for longer than its lease, and loses no write to it', async () => {
    for (let round = 1; round <= 2; round += 1) {
      const paused = await cluster.leader();
      await using around = connect(cluster.endpoints.filter((endpoint) => endpoint !== paused.client));
      await using through = connect(paused.client);
      await through.put('k', `before ${round}`);

      paused.pause();
      try {
        // When it goes on, it does not hear of its successor at once, as the network is still slow then.
        cluster.isolate(paused);
        await setTimeout(LONGER_THAN_LEASE_MS);
        assert.notEqual(await cluster.leader([paused]), paused);
        await around.put('k', `after ${round}`);
        const reads = Array.from({ length: 20 }, () => readOrUnavailable(through, 'k'));
        const write = through.put('w', String(round)).then(() => 'acknowledged', codeOf);
        paused.resume();
        await setTimeout(ALONE_MS);
        assert.notEqual(
          await Promise.race([write, 'waiting']),
          'acknowledged',
          'a write was acknowledged by one of three',
        );
        cluster.rejoin(paused);

        for (const read of await Promise.all(reads)) assert.notEqual(read, `before ${round}`);
        if ((await write) === 'acknowledged') assert.equal((await around.get('w'))?.valueText, String(round));
        assert.equal(await eventually(() => readOrUnavailable(through, 'k')), `after ${round}`);
      } finally {
        paused.resume();
        cluster.rejoin(paused);
      }
    }
  });

  it('reads nothing stale from a leader that the others do not hear any more, and loses no write to it', async () => {
    const alone = await cluster.leader();
    await using around = connect(cluster.endpoints.filter((endpoint) => endpoint !== alone.client));
    await using through = connect(alone.client);
    await through.put('k', 'before');
    cluster.isolate(alone);
    assert.notEqual(await cluster.leader([alone]), alone);
    await around.put('k', 'after');
    const reads = Array.from({ length: 20 }, () => readOrUnavailable(through, 'k'));
    const write = through.put('w', 'v').then(() => 'acknowledged', codeOf);
    await setTimeout(ALONE_MS);
    assert.notEqual(await Promise.race([write, 'waiting']), 'acknowledged', 'a write was acknowledged by one of three');
    assert.equal((await through.get('k', { consistency: 'stale' }))?.valueText, 'before');
    cluster.rejoin(alone);
    for (const read of await Promise.all(reads)) assert.notEqual(read, 'before');
    if ((await write) === 'acknowledged') assert.equal((await around.get('w'))?.valueText, 'v');
    assert.equal(await eventually(() => readOrUnavailable(through, 'k')), 'after');
  });
});

/** The value; null if the store says that it can't tell. */
async function readOrUnavailable(store: ReturnType<typeof connect>, key: string): Promise<string | null> {
  try {
    return (await store.get(key))?.valueText ?? '';
  } catch (error) {
    assert.equal(codeOf(error), 'unavailable');
    return null;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'none';
}

async function eventually<T>(read: () => Promise<T | null>): Promise<T> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await setTimeout(20)) {
    const value = await read();
    if (value !== null) return value;
  }
  throw new Error('nothing but refusals for 10 s');
}
