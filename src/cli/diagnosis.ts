import { connect, type StoreStatus, UnavailableError } from '../client/index.ts';
import { CommandFailure } from './command.ts';

const PROBE_MS = 1_000;

/** Turns "unavailable" into what is the matter with the cluster, as far as asking its members tells; else as it is. */
export async function diagnose(error: unknown, endpoints: readonly string[]): Promise<unknown> {
  if (!(error instanceof UnavailableError)) return error;
  const answers = await probe(endpoints);
  const [answer] = answers.values();
  if (answer === undefined) return new CommandFailure(nobodyAnswers(endpoints), { cause: error });
  const members = answer.members.filter(({ learner }) => !learner);
  const others = members.map(({ clientAddress }) => clientAddress).filter((at) => at !== '' && !answers.has(at));
  const names = new Set([...answers.values(), ...(await probe(others)).values()].map(({ name }) => name));
  const quorum = Math.floor(members.length / 2) + 1;
  if (names.size >= quorum) return error;
  const down = members.map(({ name }) => name).filter((name) => !names.has(name));
  return new CommandFailure(
    `no quorum: ${names.size} of ${members.length} members answer (${[...names].join(', ')}) and ${quorum} must: ` +
      `start ${down.join(' or ')} again; nothing was changed`,
    { cause: error },
  );
}

/** Each address that answers within a second, and what it says of itself. */
export async function probe(endpoints: readonly string[]): Promise<Map<string, StoreStatus>> {
  const answers = await Promise.all(endpoints.map(async (at) => [at, await ask(at)] as const));
  return new Map(answers.filter((answer): answer is [string, StoreStatus] => answer[1] !== null));
}

async function ask(endpoint: string): Promise<StoreStatus | null> {
  await using store = connect(endpoint, { timeoutMs: PROBE_MS });
  return await store.status().catch(() => null);
}

function nobodyAnswers(endpoints: readonly string[]): string {
  const [first = ''] = endpoints;
  const where = endpoints.length === 1 ? first : `any of ${endpoints.join(', ')}`;
  return `nothing answers at ${where}: start a store with 'npm start' or 'coterie up', or name one with --endpoints`;
}
