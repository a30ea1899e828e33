import { type Command, EXIT } from '../command.ts';
import { toJsonLine } from '../json.ts';
import { ENDPOINT_FLAGS, withStore } from '../store-access.ts';

export const put: Command = {
  name: 'put',
  summary: 'Give a key a value',
  arguments: ['KEY', 'VALUE'],
  flags: ENDPOINT_FLAGS,
  notes: `
Prints the revision of the write. Example:

  $0 put greeting hello
`,
  async run(given, terminal) {
    const { revision } = await withStore(given, terminal, (store) => store.put(given.at(0), given.at(1)));
    await terminal.write(given.has('json') ? toJsonLine({ revision }) : `revision ${revision}\n`);
    return EXIT.ok;
  },
};
