import { columns } from '../columns.ts';
import { type Command, EXIT } from '../command.ts';
import { toJsonLine } from '../json.ts';
import { ENDPOINT_FLAGS, withStore } from '../store-access.ts';

export const memberList: Command = {
  name: 'member list',
  summary: 'List the members of the store',
  arguments: [],
  flags: ENDPOINT_FLAGS,
  notes: `
As the member that answers knows them. Example:

  $0 member list
`,
  async run(given, terminal) {
    const { clusterId, members } = await withStore(given, terminal, (store) => store.status());
    if (given.has('json')) {
      await terminal.write(toJsonLine({ clusterId, members }));
      return EXIT.ok;
    }
    const rows = members.map(({ id, name, peerAddress, clientAddress, learner }) => [
      id.toString(16),
      name,
      peerAddress || '?',
      clientAddress || '?',
      learner ? 'learner' : 'voter',
    ]);
    await terminal.write(columns([['ID', 'MEMBER', 'PEERS', 'CLIENTS', 'KIND'], ...rows]));
    return EXIT.ok;
  },
};
