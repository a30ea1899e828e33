import { wholeNumber } from '../arguments.ts';
import { type Command, EXIT } from '../command.ts';
import { toJsonLine } from '../json.ts';
import { ENDPOINT_FLAGS, withStore } from '../store-access.ts';

export const compact: Command = {
  name: 'compact',
  summary: 'Forget what only revisions before one can see',
  arguments: ['REVISION'],
  flags: ENDPOINT_FLAGS,
  notes: `
Reads at revisions before it are refused from then on. Example:

  $0 put greeting hello && $0 put greeting again && $0 compact 3
`,
  async run(given, terminal) {
    const revision = wholeNumber(given.at(0), 'REVISION', { min: 1, max: Number.MAX_SAFE_INTEGER });
    await withStore(given, terminal, (store) => store.compact(revision));
    await terminal.write(given.has('json') ? toJsonLine({ compacted: revision }) : `compacted before ${revision}\n`);
    return EXIT.ok;
  },
};
