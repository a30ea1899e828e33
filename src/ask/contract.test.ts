import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { explore, type WorldState } from '../check/index.ts';
import { answerCalls } from './calls/answer.ts';
import { callsModel, isEndless } from './calls/model.ts';
import { promised } from './contract.fixture.ts';
import {
  type CallsQuestion,
  countsExecutions,
  isPatient,
  type Operation,
  type ProgramCall,
  REPORTS,
  type Report,
  SEMANTICS,
} from './question.ts';

const operations: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ type: fc.constant('put' as const), key: fc.constant('k'), value: fc.constantFrom('1', '2') }),
  fc.record({ type: fc.constantFrom('increment' as const, 'remove' as const), key: fc.constant('k') }),
);

const reads: fc.Arbitrary<Operation> = fc.constant({ type: 'get' as const, key: 'k' });

const reports: fc.Arbitrary<readonly Report[]> = fc.constantFrom<readonly Report[]>(
  ['success'],
  ['timeout'],
  ['success', 'timeout'],
  ['noKey', 'success'],
);

function programs(): fc.Arbitrary<ProgramCall[]> {
  const call = fc.record({ operation: fc.oneof({ weight: 4, arbitrary: operations }, reads), reported: reports });
  const last: ProgramCall = { operation: { type: 'get', key: 'k' }, reported: ['success', 'noKey'] };
  return fc.array(call, { minLength: 1, maxLength: 3 }).map((calls) => [...calls, last]);
}

const cases = fc.record({
  program: programs(),
  semantics: fc.constantFrom(...SEMANTICS),
  retries: fc.integer({ min: 0, max: 1 }),
  cache: fc.constantFrom('none' as const, 'memory' as const, 'disk' as const),
  store: fc.constantFrom('memory' as const, 'disk' as const),
  crashes: fc.constantFrom(0, 0, 1),
  gets: fc.constantFrom('cached' as const, 'current' as const),
  incarnations: fc.boolean(),
  deadline: fc.boolean(),
  initially: fc.constantFrom<Record<string, string>>({}, { k: '5' }),
  order: fc.constantFrom('any' as const, 'any' as const, 'fifo' as const),
  loses: fc.boolean(),
  duplicates: fc.boolean(),
  deliveriesMax: fc.constantFrom(null, 2),
});

/** Questions that the contract answers too, and whose every state can be searched. */
const questions: fc.Arbitrary<CallsQuestion> = cases
  .map(({ program, semantics, retries, initially, ...drawn }) => {
    const cache = semantics === 'atMostTwice' && drawn.cache === 'none' ? 'memory' : drawn.cache;
    const { order, duplicates, store, crashes } = drawn;
    const isFifo = order === 'fifo';
    const incarnations = drawn.incarnations && semantics === 'atMostOnce' && cache === 'memory';
    return {
      type: 'calls' as const,
      title: 'made up',
      asks: 'values' as const,
      semantics,
      retries: semantics === 'maybe' ? 0 : retries,
      acknowledges: false,
      deadline: drawn.deadline && isPatient({ semantics }),
      initially,
      program,
      server: {
        cache,
        store,
        crashes,
        incarnations,
        fails: false,
        gets: countsExecutions({ semantics, server: { cache } }) ? ('cached' as const) : drawn.gets,
      },
      network: {
        order,
        // A server that is down loses what comes to it, and one that goes by incarnations refuses the first copy.
        loses: drawn.loses || crashes > 0 || incarnations,
        duplicates,
        deliveriesMax: isFifo ? null : drawn.deliveriesMax,
      },
    };
  })
  .filter((question) => !isEndless(question));

function computed(question: CallsQuestion): Set<string> {
  const { possible, cuts } = answerCalls(question, { statesMax: 200_000, explains: false });
  assert.deepEqual(cuts, []);
  return new Set(possible.map(({ observed }) => JSON.stringify(observed)));
}

test('what is computed from messages is what the contract of the semantics promises, of any small program', () => {
  fc.assert(
    fc.property(questions, (question) => {
      const found = computed(question);
      const wanted = promised(question);
      // Servers that go by incarnations promise more: a request is meant for one life, and refused by every other.
      if (question.server.incarnations) assert.ok([...found].every((each) => wanted.has(each)));
      else assert.deepEqual([...found].sort(), [...wanted].sort());
    }),
    { numRuns: 200, seed: 6 },
  );
});

test('to take states for the same loses no observation, adds none, and makes no execution longer', () => {
  // Faults of which there may be any number are counted in plain states, and so there is no end of those.
  const small = questions.filter(({ program, network }) => program.length <= 3 && network.order === 'any');
  const more = fc.record({
    fails: fc.boolean(),
    acknowledges: fc.boolean(),
    asks: fc.constantFrom('values', 'outcomes'),
  });
  fc.assert(
    fc.property(small, more, (drawn, { fails, acknowledges, asks }) => {
      const isShort = drawn.program.length === 2; // or there would be too many states
      const isAll = isShort && asks === 'outcomes';
      const program = drawn.program.map((call) => (isAll ? { ...call, reported: REPORTS } : call));
      const server = { ...drawn.server, fails: isShort && fails };
      const question: CallsQuestion = { ...drawn, asks: isAll ? 'outcomes' : 'values', acknowledges, program, server };
      const model = callsModel(question);
      const { deliveriesMax } = question.network;
      const ending = (state: WorldState): string => JSON.stringify(model.ending(state));
      const isOver = (state: WorldState): boolean => model.client(state).progress !== 'running';
      const all = (state: WorldState) => (isOver(state) ? [] : model.processes.actions(state));
      const plain = {
        ...model,
        fingerprint: model.processes.fingerprint,
        next: model.processes.next,
        ...(deliveriesMax === null && { actions: all }),
        properties: { outcomes: { ending } },
      };
      const { outcomes, cuts } = explore(plain, { limits: { states: 100_000 } });
      assert.deepEqual(cuts, []);
      const steps = new Map<string, number>();
      for (const [label, run] of outcomes['ending'] ?? []) {
        const { type, observed } = JSON.parse(label);
        if (type === 'over') steps.set(JSON.stringify(observed), run.steps.length);
      }
      const { possible } = answerCalls(question, { statesMax: 200_000, explains: false });
      // The first line of an execution tells how it begins, and is no step.
      const told = possible.map(({ observed, execution }) => [JSON.stringify(observed), execution.length - 1] as const);
      assert.deepEqual(new Map(told.sort()), new Map([...steps].sort()));
    }),
    { numRuns: 60, seed: 6 },
  );
});
