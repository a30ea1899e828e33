import { type KeyValue, op, type RangeOptions, type Selection, type Store } from '../../client/index.ts';
import { type Command, EXIT } from '../command.ts';
import { keyValueToJson, toJsonLine } from '../json.ts';
import { ENDPOINT_FLAGS, HEX_FLAG, SELECTION_FLAGS, selectionOf, withStore } from '../store-access.ts';

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
    ...HEX_FLAG,
    ...ENDPOINT_FLAGS,
  },
  notes: `
One key prints its value, byte for byte, and a newline; --prefix and --range print a line for each key: the key, a
tab, the value. A key that is not there prints nothing, and is no failure. --json tells values of any bytes apart:
each in base64, and as text too where it is UTF-8; with the store's revision, the count of all keys selected, and
whether the limit left more. Example:

  $0 put greeting hello && $0 get greeting
`,
  async run(given, terminal) {
    const keys = selectionOf(given);
    const keysOnly = given.has('keys-only');
    const hex = given.has('hex');
    const revision = given.number('rev', { min: 1, max: Number.MAX_SAFE_INTEGER });
    const limit = given.number('limit', { min: 1, max: Number.MAX_SAFE_INTEGER });
    const consistency = given.oneOf('consistency', ['linearizable', 'stale']);
    const options: RangeOptions = {
      keysOnly,
      ...(revision === undefined ? {} : { revision }),
      ...(limit === undefined ? {} : { limit }),
      ...(consistency === undefined ? {} : { consistency }),
    };
    await withStore(given, terminal, async (store) => {
      if (given.has('json')) return terminal.write(toJsonLine(await jsonOf(store, keys, options)));
      const shown = keysOnly ? 'key' : 'key' in keys ? 'value' : 'both';
      for await (const kv of store.range(keys, options)) await terminal.write(lineOf(kv, shown, hex));
    });
    return EXIT.ok;
  },
};

function lineOf({ key, value }: KeyValue, shown: 'key' | 'value' | 'both', hex: boolean): Buffer {
  const written = (bytes: Uint8Array): Uint8Array => (hex ? Buffer.from(Buffer.from(bytes).toString('hex')) : bytes);
  const parts = { key: [written(key)], value: [written(value)], both: [written(key), TAB, written(value)] }[shown];
  return Buffer.concat([...parts, NEWLINE]);
}

/** All of the keys at one revision: the one asked for, or the one at which they were counted. */
async function jsonOf(store: Store, keys: Selection, options: RangeOptions): Promise<Record<string, unknown>> {
  const { revision: at, consistency = 'linearizable', keysOnly } = options;
  const counting = op.get(keys, { limit: 1, keysOnly: true, ...(at === undefined ? {} : { revision: at }) });
  const { revision, results } = await store.commit({ success: [counting] }, { consistency });
  const [counted] = results;
  const count = counted?.type === 'get' ? counted.count : 0;
  const kvs: Record<string, unknown>[] = [];
  for await (const kv of store.range(keys, { ...options, revision: at ?? revision })) {
    kvs.push(keyValueToJson(kv, keysOnly));
  }
  return { revision, count, more: kvs.length < count, kvs };
}

const TAB = Buffer.from('\t');
const NEWLINE = Buffer.from('\n');
