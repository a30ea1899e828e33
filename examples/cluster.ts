/**
 * A lock in a cluster, with failures told apart.
 *
 *     npm run -s coterie -- up                    # in another terminal
 *     npm run -s example examples/cluster.ts [endpoints]
 *
 * In a project of your own, import from 'coterie'.
 */
import { compare, connect, op, type Store, UnavailableError, UnknownOutcomeError } from '../src/client/index.ts';

const endpoints = process.argv[2] ?? '127.0.0.1:2379,127.0.0.1:12379,127.0.0.1:22379';
const me = `process ${process.pid}`;

await using store = connect(endpoints);
try {
  await release(store); // what an earlier run of this example left
  console.log(`first attempt: ${await acquire(store, me)}`);
  console.log(`second attempt: ${await acquire(store, 'somebody else')}`);
  await release(store);
  const { leader, members } = await store.status();
  console.log(`released; ${members.length} members, led by ${leader}`);
} catch (error) {
  // Nothing happened: it is safe to try again.
  if (error instanceof UnavailableError) console.error(`not now: ${error.message}`);
  // It may have happened: look before trying again.
  else if (error instanceof UnknownOutcomeError) console.error(`who knows: ${error.message}`);
  else throw error;
  process.exitCode = 1;
}

/** Takes the lock if it is free; tells who has it otherwise. The compare and the put are one step, on all members. */
async function acquire(on: Store, owner: string): Promise<string> {
  const { succeeded, results } = await on
    .txn()
    .if(compare.version('lock').equals(0))
    .then(op.put('lock', owner))
    .else(op.get('lock'))
    .commit();
  const [result] = results;
  const holder = result?.type === 'get' ? result.kvs[0]?.valueText : owner;
  return succeeded ? 'acquired' : `held by ${holder}`;
}

async function release(on: Store): Promise<void> {
  await on.delete('lock');
}
