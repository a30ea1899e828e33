import { type CallsQuestion, executesEveryCopy, isPatient, REPORTS } from '../question.ts';
import { isEndless } from './model.ts';

/** One assumption of a question, and the question without it. */
export interface Relaxation {
  /** What would be the case, as the rest of "it would be possible if …". */
  readonly without: string;
  readonly relax: (question: CallsQuestion) => CallsQuestion;
  /** Whether calls may report what they are known not to have reported: then what they did report tells the reason. */
  readonly deviates: boolean;
}

/** The assumptions that a question makes. */
export function relaxationsOf(question: CallsQuestion): Relaxation[] {
  return [
    ...reports(question),
    ...ofClient(question),
    ...ofNetwork(question),
    ...ofServer(question),
    ...ofCrashes(question),
  ];
}

/** Two at once. */
export function both(first: Relaxation, second: Relaxation): Relaxation {
  return {
    without: [first.without, second.without].filter((each) => each !== '').join(', and '),
    relax: (question) => second.relax(first.relax(question)),
    deviates: first.deviates || second.deviates,
  };
}

function relaxation(without: string, relax: Relaxation['relax']): Relaxation {
  return { without, relax, deviates: false };
}

function reports({ program, asks }: CallsQuestion): Relaxation[] {
  const isKnown = program.some(({ reported }) => reported.length < REPORTS.length);
  if (asks === 'outcomes' || !isKnown) return [];
  return [{ without: '', relax: (question) => question, deviates: true }];
}

function ofNetwork({ network, retries }: CallsQuestion): Relaxation[] {
  const { order, loses, duplicates, deliveriesMax } = network;
  const found: Relaxation[] = [];
  if (order === 'fifo') {
    found.push(relaxation('messages could overtake one another', onNetwork({ order: 'any' })));
    if (!loses) found.push(relaxation('the network lost messages', onNetwork({ loses: true })));
  }
  if (deliveriesMax !== null) {
    const more = deliveriesMax + 1;
    found.push(relaxation(`a call could be delivered ${times(more)}`, onNetwork({ deliveriesMax: more })));
  } else if (!duplicates) {
    found.push(
      relaxation('the network duplicated messages', (question) =>
        bounded(onNetwork({ duplicates: true })(question), retries + 2),
      ),
    );
  }
  return found;
}

function times(count: number): string {
  return count === 2 ? 'twice' : `${count} times`;
}

function ofServer(question: CallsQuestion): Relaxation[] {
  const { server } = question;
  const found: Relaxation[] = [];
  if (!executesEveryCopy(question)) {
    found.push(relaxation('the server executed every copy that arrives, for want of a filter', withoutFilter));
  }
  if (!server.fails) found.push(relaxation('the server could report failures', onServer({ fails: true })));
  return found;
}

function withoutFilter(question: CallsQuestion): CallsQuestion {
  const semantics = question.semantics === 'atMostTwice' ? 'atMostOnce' : question.semantics;
  const open = onServer({ cache: 'none' })({ ...question, semantics });
  return bounded(open, question.retries + 1);
}

/** With a bound on deliveries, if there would be no end of results otherwise. */
function bounded(question: CallsQuestion, deliveriesMax: number): CallsQuestion {
  return isEndless(question) ? onNetwork({ deliveriesMax })(question) : question;
}

function ofCrashes({ server, semantics, retries }: CallsQuestion): Relaxation[] {
  const { crashes, store, cache, incarnations } = server;
  const found: Relaxation[] = [];
  const cached = cache !== 'none';
  if (crashes === 0) {
    const losesStore = onServer({ crashes: 1, store: 'memory', ...(cached && { cache: 'disk', incarnations: false }) });
    found.push(relaxation('the server crashed and lost its store', losesStore));
    if (cached) {
      const forgets = onServer({ crashes: 1, store: 'disk', cache: 'memory', incarnations: false });
      found.push(relaxation('the server crashed and lost its reply cache', forgets));
    }
  } else {
    if (store === 'disk') found.push(relaxation('a crash took the store', onServer({ store: 'memory' })));
    if (cached && cache === 'disk')
      found.push(relaxation('a crash took the reply cache', onServer({ cache: 'memory' })));
    if (incarnations) {
      found.push(
        relaxation('a restarted server took requests meant for its earlier life', onServer({ incarnations: false })),
      );
    }
  }
  return found.map((each) => ({
    ...each,
    relax: (question) => bounded(each.relax(question), semantics === 'maybe' ? 2 : retries + 1),
  }));
}

function ofClient(question: CallsQuestion): Relaxation[] {
  const found: Relaxation[] = [];
  if (question.acknowledges) {
    found.push(relaxation('requests did not say which calls are over', (each) => ({ ...each, acknowledges: false })));
  }
  if (isPatient(question)) {
    const givesUp = (each: CallsQuestion): CallsQuestion => ({ ...each, deadline: true });
    if (!question.deadline) found.push(relaxation('the caller gave up at a deadline', givesUp));
  } else if (!question.network.duplicates) {
    const more = (each: CallsQuestion): CallsQuestion => ({ ...each, retries: each.retries + 1 });
    if (question.semantics !== 'maybe') found.push(relaxation('the client sent one copy more', more));
  }
  return found;
}

function onServer(changed: Partial<CallsQuestion['server']>): Relaxation['relax'] {
  return (question) => ({ ...question, server: { ...question.server, ...changed } });
}

function onNetwork(changed: Partial<CallsQuestion['network']>): Relaxation['relax'] {
  return (question) => ({ ...question, network: { ...question.network, ...changed } });
}
