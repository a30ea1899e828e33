/**
 * A store inside this process: no server, no port, and everything is still there the next time.
 *
 *     npm run -s example examples/embedded.ts [directory]
 *
 * In a project of your own, import from 'coterie'.
 */
import { compare, op, open } from '../src/client/index.ts';

const directory = process.argv[2] ?? './coterie-data/example';

await using store = await open(directory);

// A counter that concurrent writers may share: read, and write only if nobody wrote in between.
for (let counted = false; !counted; ) {
  const seen = await store.get('runs');
  const { succeeded } = await store
    .txn()
    .if(compare.modRevision('runs').equals(seen?.modRevision ?? 0))
    .then(op.put('runs', String(Number(seen?.valueText ?? 0) + 1)))
    .commit();
  counted = succeeded;
}
console.log(`run number ${(await store.get('runs'))?.valueText}`);

// Many keys, and a look at them as they were at one revision.
const { revision } = await store.put('jobs/1', 'write');
await store.put('jobs/2', 'read');
await store.put('jobs/1', 'done');
for await (const { keyText, valueText } of store.range({ prefix: 'jobs/' })) console.log(`${keyText}: ${valueText}`);
console.log(`at revision ${revision}, jobs/1 was '${(await store.get('jobs/1', { revision }))?.valueText}'`);
