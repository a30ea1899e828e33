import { connect as dial } from 'node:net';
import { connect, type StoreStatus, UnavailableError, UnknownOutcomeError } from '../client/index.ts';
import { programName } from './program-name.ts';

const PROBE_MS = 1_000;

/** Turns "unavailable" into what is the matter with the cluster, as far as asking its members tells; else as it is. */
export async function diagnose(error: unknown, endpoints: readonly string[]): Promise<unknown> {
  if (error instanceof UnavailableError) {
    const answers = await probe(endpoints);
    if (answers.size === 0) return new UnavailableError(await nobodyAnswers(endpoints), { cause: error });
    const lack = await lackOfQuorum(answers);
    return lack === null ? error : new UnavailableError(`${lack}; nothing was changed`, { cause: error });
  }
  if (error instanceof UnknownOutcomeError) {
    const lack = await lackOfQuorum(await probe(endpoints));
    if (lack === null) return error;
    return new UnknownOutcomeError(`${lack}; the write may be executed then, so read before you write again`);
  }
  return error;
}

/** Who of the cluster does not answer, if they are too many; null if enough do, or nobody can be asked. */
async function lackOfQuorum(answers: ReadonlyMap<string, StoreStatus>): Promise<string | null> {
  const [answer] = answers.values();
  if (answer === undefined) return null;
  const members = answer.members.filter(({ learner }) => !learner);
  const others = members.map(({ clientAddress }) => clientAddress).filter((at) => at !== '' && !answers.has(at));
  const up = new Set([...answers.values(), ...(await probe(others)).values()].map(({ name }) => name));
  const quorum = Math.floor(members.length / 2) + 1;
  if (up.size >= quorum) return null;
  const down = members.map(({ name }) => name).filter((name) => !up.has(name));
  const answering = `${up.size} of ${members.length} members answer (${[...up].join(', ')}) and ${quorum} must`;
  return `no quorum: ${answering}: start ${down.join(' or ')} again`;
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

async function nobodyAnswers(endpoints: readonly string[]): Promise<string> {
  const taken = await Promise.all(endpoints.map(acceptsConnections));
  const strangers = endpoints.filter((_, index) => taken[index]);
  if (strangers.length > 0) {
    const who = 'another program, the port for other members, or a member that hangs';
    return `what listens at ${strangers.join(', ')} does not answer as a store does: ${who}; see that --endpoints names where a member serves clients`;
  }
  const [first = ''] = endpoints;
  const where = endpoints.length === 1 ? first : `any of ${endpoints.join(', ')}`;
  return `nothing answers at ${where}: start a store with '${programName()} up', or name one with --endpoints`;
}

/** Whether anything takes connections there, be it a store or not. */
function acceptsConnections(endpoint: string): Promise<boolean> {
  const [, host = '', port] = /^(?:http:\/\/)?\[?([^/\]]+)\]?:(\d+)/.exec(endpoint) ?? [];
  return new Promise((resolve) => {
    const socket = dial({ host, port: Number(port), timeout: PROBE_MS });
    const end = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
