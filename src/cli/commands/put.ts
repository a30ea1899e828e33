import { type Command, EXIT } from '../command.ts';
import { toJsonLine } from '../json.ts';
import { bytesOf, ENDPOINT_FLAGS, HEX_FLAG, withStore } from '../store-access.ts';

export const put: Command = {
  name: 'put',
  summary: 'Give a key a value',
  arguments: ['KEY', 'VALUE'],
  flags: { ...HEX_FLAG, ...ENDPOINT_FLAGS },
  notes: `
Prints the revision of the write. Example:

  $0 put greeting hello
`,
  async run(given, terminal) {
    const key = bytesOf(given, given.at(0), 'KEY');
    const value = bytesOf(given, given.at(1), 'VALUE');
    const { revision } = await withStore(given, terminal, (store) => store.put(key, value));
    await terminal.write(given.has('json') ? toJsonLine({ revision }) : `revision ${revision}\n`);
    return EXIT.ok;
  },
};
