import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { CallError, type Client, createClient, KeyValue, RpcClient } from '../../src/rpc/index.ts';
import { TestCluster } from './cluster.ts';

/** Between two looks at how far the others are. */
const LOOK_MS = 20;
const PATIENCE_MS = 1_000;

/** Increments of a key, one after the other, until they are told to stop; and what each came to. */
class Increments {
  readonly key: Uint8Array;
  readonly counts = { answered: 0, notExecuted: 0, unknown: 0 };
  readonly #over: Promise<void>;
  #isOver = false;

  constructor(store: Client<typeof KeyValue>, key: string, semantics: 'exactlyOnce' | 'atMostOnce') {
    this.key = Buffer.from(key);
    this.#over = this.#run(store, semantics);
  }

  async #run(store: Client<typeof KeyValue>, semantics: 'exactlyOnce' | 'atMostOnce'): Promise<void> {
    while (!this.#isOver) {
      const error = await store.increment({ key: this.key, by: 1n }, { semantics }).then(
        () => null,
        (reason: unknown) => reason,
      );
      if (error === null) this.counts.answered += 1;
      else if (!(error instanceof CallError)) throw error;
      else if (error.mayHaveBeenExecuted) this.counts.unknown += 1;
      else this.counts.notExecuted += 1;
    }
  }

  async progress(by: number): Promise<void> {
    const until = this.counts.answered + by;
    while (this.counts.answered < until) await Promise.race([this.#over, setTimeout(LOOK_MS)]);
  }

  stop(): Promise<void> {
    this.#isOver = true;
    return this.#over;
  }
}

describe('a cluster that is called by request-reply', () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start();
  });

  after(() => cluster.close());

  it('executes increments exactly once while its members are killed and cut off, and says which were not executed', async (t) => {
    await using client = await RpcClient.open({ server: cluster.nodes.map(({ calls }) => calls) });
    const store = createClient(KeyValue, client);
    const exactly = new Increments(store, 'exactly', 'exactlyOnce');
    const atMost = new Increments(store, 'at most', 'atMostOnce');
    const progress = () => Promise.all([exactly.progress(50), atMost.progress(50)]);
    await progress();
    for (const node of cluster.nodes) {
      await node.kill();
      await progress();
      await node.start();
      cluster.isolate(node);
      await progress();
      cluster.rejoin(node);
      await progress();
    }
    await Promise.all([exactly.stop(), atMost.stop()]);
    t.diagnostic(JSON.stringify([exactly.counts, atMost.counts]));
    assert.deepEqual([exactly.counts.notExecuted, exactly.counts.unknown], [0, 0]);
    assert.equal(await read(exactly.key), exactly.counts.answered);
    const { answered, unknown } = atMost.counts;
    const value = await read(atMost.key);
    assert.ok(value >= answered && value <= answered + unknown, `${value}: ${answered} to ${answered + unknown}`);

    async function read(key: Uint8Array): Promise<number> {
      const { value } = await store.get({ key }, { semantics: 'atLeastOnce' });
      return Number(new TextDecoder().decode(value));
    }
  });

  it('says of a member without a quorum that it executed nothing, while the member itself answers', async () => {
    const alone = cluster.nodes[0];
    assert.ok(alone !== undefined);
    cluster.isolate(alone);
    while ((await alone.status())?.leader !== null) await setTimeout(LOOK_MS);
    await using client = await RpcClient.open({ server: alone.calls });
    const store = createClient(KeyValue, client);
    await store.ping({}, { semantics: 'atLeastOnce' });
    const put = { key: Buffer.from('k') };
    for (const semantics of ['atMostOnce', 'exactlyOnce'] as const) {
      const timeout = semantics === 'exactlyOnce' ? { timeoutMs: 6 * PATIENCE_MS } : {};
      await assert.rejects(store.put(put, { semantics, ...timeout }), {
        code: 'unreachable',
        mayHaveBeenExecuted: false,
        message: /Put was not executed: no leader was reached in time/,
      });
    }
    cluster.rejoin(alone);
  });
});
