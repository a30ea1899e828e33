import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTrace, parseTrace, replayTrace } from '../../kernel/index.ts';
import { explore } from '../explore.ts';
import type { Run } from '../model.ts';
import { tellResult } from '../tell.ts';
import { lock } from '../testing/lock.fixture.ts';
import { type SingleDecree, singleDecree } from '../testing/single-decree.fixture.ts';
import type { Action } from './action.ts';
import type { WorldState } from './layout.ts';
import type { ProcessModelOptions } from './options.ts';
import { type ProcessModel, processModel } from './process-model.ts';
import { runOfTrace, traceOfRun } from './run-trace.ts';

/** The run of the one violation, told in a line each, after checking that it replays. */
function counterexample<H>(options: ProcessModelOptions<H>): string[] {
  const model = processModel(options);
  const [violation, ...others] = explore(model).violations;
  assert.equal(others.length, 0);
  assert.ok(violation?.type === 'invariant' || violation?.type === 'step');
  replays(model, options, violation.run);
  return violation.run.steps.map(({ action }) => model.tellAction?.(action) ?? '');
}

function replays<H>(model: ProcessModel<H>, options: ProcessModelOptions<H>, run: Run<WorldState, Action>): void {
  const trace = parseTrace(formatTrace(traceOfRun(model, run, { subject: 'test' })));
  assert.deepEqual(replayTrace(trace, options.nodes), { type: 'same', steps: trace.steps.length });
  const again = processModel(options);
  const told = (told: ProcessModel<H>, of: typeof run) => of.steps.map(({ action }) => told.tellAction?.(action));
  assert.deepEqual(told(again, runOfTrace(again, trace)), told(model, run));
}

test('a lock whose server remembers the holder excludes', () => {
  const result = explore(processModel(lock({ clients: 3, naive: false })));
  assert.deepEqual([result.verdict, result.states, result.terminal], ['holds', 98, 1]);
});

test('a lock whose server grants to all is caught in four steps', () => {
  assert.deepEqual(counterexample(lock({ clients: 2, naive: true })), [
    'server receives {type: "request"} from client1',
    'server receives {type: "request"} from client2',
    'client1 receives {type: "grant"} from server',
    'client2 receives {type: "grant"} from server',
  ]);
});

test('a violation is told step by step, with what each process did', (t) => {
  const model = processModel(lock({ clients: 2, naive: true }));
  t.assert.fileSnapshot(tellResult(model, explore(model)), 'src/check/testing/naive-lock.txt', {
    serializers: [(value: string) => `${value}\n`],
  });
});

type Paxos = Partial<ProcessModelOptions<null>> & Partial<SingleDecree>;

function paxos({ proposers = 2, acceptors = 3, mistake = 'none', quorum, ...more }: Paxos): ProcessModelOptions<null> {
  return { ...singleDecree({ proposers, acceptors, mistake, ...(quorum && { quorum }) }), ...more };
}

/** The first acceptor may crash once. */
const crash = { budgets: { crashes: 1 }, crashing: ['a1'] };

test('single-decree Paxos agrees', () => {
  const result = explore(processModel(paxos({})));
  assert.deepEqual([result.verdict, result.states], ['holds', 30976]);
});

test('an acceptor that remembers its promise is safe in a crash', () => {
  const result = explore(processModel(paxos(crash)));
  assert.deepEqual([result.verdict, result.states], ['holds', 92928]);
});

test('an acceptor that forgets its promise in a crash is caught', () => {
  const steps = counterexample(paxos({ ...crash, mistake: 'forgets promise' }));
  assert.equal(steps.length, 18);
  assert.equal(steps.filter((step) => step === 'a1 crashes').length, 1);
});

test('an acceptor that answers before its disk holds the record is caught, if disks take time', () => {
  const early = paxos({ ...crash, mistake: 'answers early' });
  assert.equal(explore(processModel(early)).verdict, 'holds');
  const steps = counterexample({ ...early, disk: 'explicit' });
  const crashed = steps.indexOf('a1 crashes');
  assert.ok(steps.slice(0, crashed).includes('a1 receives {type: "prepare", ballot: 2} from p2'));
  assert.ok(!steps.slice(0, crashed).some((step) => step.startsWith('the disk of a1')));
});

test('an acceptor whose answers wait for its disk is safe in a crash', () => {
  const result = explore(processModel(paxos({ ...crash, proposers: 1, disk: 'explicit' })));
  assert.deepEqual([result.verdict, result.states], ['holds', 1492]);
});

test('a quorum of one is caught', () => {
  const steps = counterexample(paxos({ acceptors: 2, quorum: 1 }));
  assert.equal(steps.length, 8);
});

test('a trace that is not of the model is refused', () => {
  const naive = processModel(lock({ clients: 2, naive: true }));
  const [violation] = explore(naive).violations;
  assert.ok(violation?.type === 'invariant');
  const trace = traceOfRun(naive, violation.run, { subject: 'lock' });
  const right = processModel(lock({ clients: 2, naive: false }));
  assert.throws(() => runOfTrace(right, trace), /step 2 of the trace is not possible in the model/);
  assert.throws(
    () => runOfTrace(processModel(lock({ clients: 3, naive: true })), trace),
    /does not begin as the model/,
  );
});
