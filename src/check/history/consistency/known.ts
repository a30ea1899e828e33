import { print } from '../../../kernel/index.ts';
import { INITIALLY } from '../order/facts.ts';
import type { Edge, Precedence } from '../order/precedence.ts';
import { type Names, tellCycle } from '../order/story.ts';
import type { Accesses } from './accesses.ts';
import type { ConsistencyModel, ConsistencyResult } from './result.ts';

/** Every write comes after the beginning, and every read after what it saw. */
export function addReadsFrom(known: Precedence, { size, observations }: Accesses): void {
  for (let event = 1; event < size; event += 1) known.add(INITIALLY, event, { type: 'session' });
  for (const { reader, writer, key } of observations) {
    if (writer !== INITIALLY) known.add(writer, reader, { type: 'readsFrom', key });
  }
}

/** A write of unknown outcome comes after the last of the chosen events that its client had completed before. */
export function addLate(
  known: Precedence,
  accesses: Accesses,
  chosen: (event: number, write: number) => boolean,
): void {
  const sessionOf = new Map(accesses.sessions.flatMap((session) => session.map((event) => [event, session] as const)));
  for (const { write, after } of accesses.late) {
    if (after === null) continue;
    const session = sessionOf.get(after) ?? [];
    const last = session.slice(0, session.indexOf(after) + 1).findLast((event) => chosen(event, write));
    if (last !== undefined) known.add(last, write, { type: 'session' });
  }
}

/** No model lets a read see what nobody wrote. */
export function thinAir({ unwritten, keys }: Accesses, model: ConsistencyModel): ConsistencyResult | null {
  const [read] = unwritten;
  if (read === undefined) return null;
  const { client, invokeAt } = read.operation;
  const where = keys[read.key] === '' ? '' : ` at '${keys[read.key]}'`;
  return {
    model,
    verdict: 'violated',
    pattern: 'ThinAirRead: a read sees what nobody wrote',
    operations: [read.operation],
    story: [`client ${client} read ${print(read.value)}${where} at ${invokeAt}, and nobody wrote that`],
  };
}

export function contradiction(
  model: ConsistencyModel,
  pattern: string,
  known: Precedence,
  accesses: Accesses,
  cycle: readonly Edge[] = known.cycle() ?? [],
): ConsistencyResult {
  const { lines, events } = tellCycle(cycle, known, namesOf(accesses));
  const operations = events.flatMap((event) => accesses.events[event]?.operation ?? []);
  return { model, verdict: 'violated', pattern, operations, story: lines };
}

/** What is written is written once, but the same may be read often: so reads are told with their time. */
function namesOf({ events, keys }: Accesses): Names {
  return {
    client: (event) => events[event]?.operation.client ?? '',
    event(event) {
      const access = events[event];
      if (access === undefined) return 'the beginning';
      const { client, invokeAt } = access.operation;
      const key = keys[access.key] ?? '';
      const what = key === '' ? access.type : `${access.type} ${key}`;
      return access.type === 'write'
        ? `[${client}: ${what} = ${print(access.value)}]`
        : `[${client} at ${invokeAt}: ${what} -> ${print(access.value)}]`;
    },
  };
}
