import { type Command, EXIT } from '../command.ts';
import { toJsonLine } from '../json.ts';
import { ENDPOINT_FLAGS, HEX_FLAG, SELECTION_FLAGS, selectionOf, withStore } from '../store-access.ts';

export const del: Command = {
  name: 'del',
  summary: 'Delete a key, or many',
  arguments: ['KEY'],
  flags: { ...SELECTION_FLAGS, ...HEX_FLAG, ...ENDPOINT_FLAGS },
  notes: `
Prints how many keys were deleted; none is no failure. Example:

  $0 put old/1 x && $0 del old/ --prefix
`,
  async run(given, terminal) {
    const keys = selectionOf(given);
    const { deleted, revision } = await withStore(given, terminal, (store) => store.delete(keys));
    await terminal.write(given.has('json') ? toJsonLine({ deleted, revision }) : `deleted ${deleted}\n`);
    return EXIT.ok;
  },
};
