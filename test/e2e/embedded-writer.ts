/**
 * Run by embedded.test.ts as a process of its own: opens the store in a directory, and puts numbered keys for ever,
 * many at a time. Prints the number of each put that was acknowledged, a line each.
 */
import { open } from '../../src/client/index.ts';

const [directory = '', writers = '8'] = process.argv.slice(2);
const store = await open(directory);
const life = Date.now();
process.stdout.write('open\n');
let next = 0;
await Promise.all(Array.from({ length: Number(writers) }, write));

async function write(): Promise<void> {
  for (;;) {
    const key = `${life}/${next}`;
    next += 1;
    await store.put(key, key);
    process.stdout.write(`${key}\n`);
  }
}
