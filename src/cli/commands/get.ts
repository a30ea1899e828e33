import type { KeyValue } from '../../client/index.ts';
import { type Command, EXIT } from '../command.ts';
import { keyValueToJson, toJsonLine } from '../json.ts';
import { ENDPOINT_FLAGS, SELECTION_FLAGS, selectionOf, withStore } from '../store-access.ts';
import type { Terminal } from '../terminal.ts';

export const get: Command = {
  name: 'get',
  summary: 'Print what a key, or each of many, holds',
  arguments: ['KEY'],
  flags: {
    ...SELECTION_FLAGS,
    rev: { value: 'N', help: 'as it was at revision N' },
    consistency: {
      value: 'linearizable|stale',
      help: 'see every acknowledged write (default), or what the member that answers has: needs no quorum',
    },
    limit: { value: 'N', help: 'at most N keys' },
    'keys-only': { help: 'without the values' },
    ...ENDPOINT_FLAGS,
  },
  notes: `
One key prints its value, byte for byte, and a newline; --prefix and --range print a line for each key: the key, a
tab, the value. A key that is not there prints nothing, and is no failure. --json tells values of any bytes apart:
each in base64, and as text too where it is UTF-8. Example:

  $0 put greeting hello && $0 get greeting
`,
  async run(given, terminal) {
    const keys = selectionOf(given);
    const keysOnly = given.has('keys-only');
    const revision = given.number('rev', { min: 1, max: Number.MAX_SAFE_INTEGER });
    const limit = given.number('limit', { min: 1, max: Number.MAX_SAFE_INTEGER });
    const consistency = given.oneOf('consistency', ['linearizable', 'stale']);
    await withStore(given, terminal, async (store) => {
      const kvs = store.range(keys, {
        keysOnly,
        ...(revision === undefined ? {} : { revision }),
        ...(limit === undefined ? {} : { limit }),
        ...(consistency === undefined ? {} : { consistency }),
      });
      if (given.has('json')) await printJson(kvs, keysOnly, terminal);
      else await print(kvs, keysOnly ? 'key' : 'key' in keys ? 'value' : 'both', terminal);
    });
    return EXIT.ok;
  },
};

async function print(kvs: AsyncIterable<KeyValue>, what: 'key' | 'value' | 'both', terminal: Terminal): Promise<void> {
  for await (const { key, value } of kvs) {
    const parts = { key: [key], value: [value], both: [key, TAB, value] }[what];
    await terminal.write(Buffer.concat([...parts, NEWLINE]));
  }
}

async function printJson(kvs: AsyncIterable<KeyValue>, keysOnly: boolean, terminal: Terminal): Promise<void> {
  const all: unknown[] = [];
  for await (const kv of kvs) all.push(keyValueToJson(kv, keysOnly));
  await terminal.write(toJsonLine({ kvs: all }));
}

const TAB = Buffer.from('\t');
const NEWLINE = Buffer.from('\n');
