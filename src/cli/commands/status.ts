import type { StoreStatus } from '../../client/index.ts';
import { UnavailableError } from '../../client/index.ts';
import { columns } from '../columns.ts';
import { type Command, CommandFailure, EXIT } from '../command.ts';
import { diagnose, probe } from '../diagnosis.ts';
import { toJsonLine } from '../json.ts';
import { ENDPOINT_FLAGS, endpointsOf } from '../store-access.ts';

export const status: Command = {
  name: 'status',
  summary: 'Tell how each member of the store is',
  arguments: [],
  flags: ENDPOINT_FLAGS,
  notes: `
Asks the endpoints, and through them every member that they know of. Fails if a member does not answer. Example:

  $0 status
`,
  async run(given, terminal) {
    const members = await membersAt(endpointsOf(given, terminal.env));
    await terminal.write(given.has('json') ? toJsonLine({ members: members.map(toJson) }) : table(members));
    return members.every(({ status }) => status !== null) ? EXIT.ok : EXIT.failed;
  },
};

interface MemberReport {
  readonly name: string;
  readonly address: string;
  /** Null if it does not answer. */
  readonly status: StoreStatus | null;
}

async function membersAt(endpoints: readonly string[]): Promise<MemberReport[]> {
  const answers = await probe(endpoints);
  const [known] = answers.values();
  if (known === undefined) {
    const why = await diagnose(new UnavailableError('nothing answers'), endpoints);
    throw why instanceof Error ? why : new CommandFailure('nothing answers');
  }
  const byName = new Map([...answers].map(([address, status]) => [status.name, { address, status }]));
  return Promise.all(
    known.members.map(async ({ name, clientAddress }): Promise<MemberReport> => {
      const answered = byName.get(name);
      if (answered !== undefined) return { name, ...answered };
      if (clientAddress === '') return { name, address: clientAddress, status: null };
      return { name, address: clientAddress, status: (await probe([clientAddress])).get(clientAddress) ?? null };
    }),
  );
}

function table(members: readonly MemberReport[]): string {
  return columns([
    ['MEMBER', 'CLIENTS', 'ROLE', 'LEADER', 'ROUND', 'CHOSEN', 'APPLIED', 'REVISION', 'BYTES'],
    ...members.map(({ name, address, status }) => {
      if (status === null) return [name, address || '?', 'does not answer'];
      const { leader, round, chosenSlot, appliedSlot, revision, storageBytes } = status;
      return [name, address, roleOf(status), leader ?? 'none', round, chosenSlot, appliedSlot, revision, storageBytes];
    }),
  ]);
}

function toJson({ name, address, status }: MemberReport): Record<string, unknown> {
  if (status === null) return { name, clientAddress: address, answers: false };
  const { clusterId, memberId, leader, round, chosenSlot, appliedSlot, revision, storageBytes, storageBytesInUse } =
    status;
  return {
    name,
    clientAddress: address,
    answers: true,
    role: roleOf(status),
    clusterId,
    memberId,
    leader,
    round,
    chosenSlot,
    appliedSlot,
    revision,
    storageBytes,
    storageBytesInUse,
  };
}

function roleOf({ memberId, leaderId, members }: StoreStatus): string {
  if (leaderId === memberId) return 'leader';
  return members.find(({ id }) => id === memberId)?.learner ? 'learner' : 'follower';
}
