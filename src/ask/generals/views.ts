import { explore, type Model } from '../../check/index.ts';

export type General = 'A' | 'B';

/** Who sends each message, in the order in which they are sent. */
export type Schedule = readonly General[];

/** One execution: whether A was ordered to attack, and which messages arrived. */
export interface Execution {
  readonly ordered: boolean;
  readonly arrived: readonly boolean[];
}

/** An execution, and all that each general can know when it ends. */
export interface SeenExecution extends Execution {
  readonly views: Readonly<Record<General, string>>;
}

/** Every schedule of so many messages. */
export function schedulesOf(messages: number): Schedule[] {
  let found: Schedule[] = [[]];
  for (let sent = 0; sent < messages; sent += 1) {
    found = found.flatMap((before) => [
      [...before, 'A'],
      [...before, 'B'],
    ]);
  }
  return found;
}

/**
 * Every execution of a schedule, found by the checker: message by message, each arrives or, if more losses are allowed, is
 * lost. Each message says all that its sender knows, and who waits for one sees when it does not come: no protocol can
 * tell the generals more. What a protocol decides is a function of these views.
 */
export function executionsOf(schedule: Schedule, lossesMax: number): SeenExecution[] {
  const model: Model<Execution, 'arrives' | 'is lost'> = {
    initial: () => [
      { ordered: true, arrived: [] },
      { ordered: false, arrived: [] },
    ],
    actions: ({ arrived }) => {
      if (arrived.length === schedule.length) return [];
      return arrived.filter((each) => !each).length < lossesMax ? ['arrives', 'is lost'] : ['arrives'];
    },
    next: ({ ordered, arrived }, what) => ({ ordered, arrived: [...arrived, what === 'arrives'] }),
    properties: { outcomes: { execution: (execution) => JSON.stringify(execution) } },
  };
  const ends = explore(model).outcomes['execution'] ?? new Map<string, unknown>();
  return [...ends.keys()].map((end) => {
    const execution = JSON.parse(end) as Execution;
    return { ...execution, views: viewsOf(schedule, execution) };
  });
}

function viewsOf(schedule: Schedule, { ordered, arrived }: Execution): Record<General, string> {
  const views: Record<General, string> = { A: ordered ? 'ordered' : 'not ordered', B: '' };
  for (const [index, sender] of schedule.entries()) {
    const receiver = otherOf(sender);
    const heard = arrived[index] === true ? `(${views[sender]})` : 'nothing';
    views[receiver] = `${views[receiver]}; ${index + 1}: ${heard}`;
  }
  return views;
}

export function otherOf(general: General): General {
  return general === 'A' ? 'B' : 'A';
}
