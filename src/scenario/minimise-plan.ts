import { type Fault, fewer, fewerFaults, limited, type Minimisation } from '../sim/index.ts';
import type { Failure, Plan } from './trial.ts';

/** A plan that fails, and how. */
export interface FailingPlan<P extends Plan> {
  readonly plan: P;
  readonly failure: Failure;
}

const RUNS_MAX = 150;

/**
 * Looks for a plan with fewer faults and fewer operations, for a shorter time, that still violates the same property:
 * yields plans to try, and is told what each violates. The same plan always leads to the same smaller one.
 */
export function* smallerPlans<P extends Plan>(failing: FailingPlan<P>): Generator<P, FailingPlan<P>, Failure | null> {
  let smallest = failing;
  const search = searchFrom(() => smallest);
  let next = search.next();
  while (!next.done) {
    const plan = next.value;
    const failure = yield plan;
    const fails = failure?.property === failing.failure.property;
    if (fails) smallest = { plan, failure };
    next = search.next(fails);
  }
  return smallest;
}

/** @param smallest  what has failed last */
function* searchFrom<P extends Plan>(smallest: () => FailingPlan<P>): Generator<P, void, boolean> {
  yield* shorter(smallest);
  yield* withFewerFaults(smallest);
  yield* within(limited(fewer(smallest().plan.operations), { runs: RUNS_MAX }), (operations) => ({
    ...smallest().plan,
    operations,
  }));
  // With little going on, each run is short, and what seemed to be needed before may not be.
  yield* shorter(smallest);
  yield* withFewerFaults(smallest);
  yield* sooner(smallest);
  yield* shorter(smallest);
}

function* withFewerFaults<P extends Plan>(smallest: () => FailingPlan<P>): Generator<P, void, boolean> {
  yield* within(limited(fewerFaults(smallest().plan.faults), { runs: RUNS_MAX }), (faults) => ({
    ...smallest().plan,
    faults,
  }));
}

function* within<T, P extends Plan>(search: Minimisation<T>, planOf: (part: T) => P): Generator<P, void, boolean> {
  let next = search.next();
  while (!next.done) next = search.next(yield planOf(next.value));
}

function* shorter<P extends Plan>(smallest: () => FailingPlan<P>): Generator<P, void, boolean> {
  const { plan, failure } = smallest();
  if (failure.atMs <= plan.durationMs) {
    yield cutAt(plan, failure.atMs);
    return;
  }
  while (smallest().plan.durationMs > 1) {
    const half = cutAt(smallest().plan, smallest().plan.durationMs / 2);
    if (!(yield half)) return;
  }
}

/** Leaves out as much as it can of the time before anything happens. */
function* sooner<P extends Plan>(smallest: () => FailingPlan<P>): Generator<P, void, boolean> {
  const { plan } = smallest();
  const firstMs = Math.min(...[...plan.faults, ...plan.operations].map(({ atMs }) => atMs));
  for (const share of firstMs < Number.POSITIVE_INFINITY ? [1, 0.75, 0.5, 0.25] : []) {
    if (yield shifted(plan, share * firstMs)) return;
  }
}

function shifted<P extends Plan>(plan: P, byMs: number): P {
  return {
    ...plan,
    durationMs: plan.durationMs - byMs,
    faults: plan.faults.map((fault) => ({ ...fault, atMs: fault.atMs - byMs })),
    operations: plan.operations.map((operation) => ({ ...operation, atMs: operation.atMs - byMs })),
  };
}

/** The plan without all that would come later. */
function cutAt<P extends Plan>(plan: P, durationMs: number): P {
  return {
    ...plan,
    durationMs,
    faults: plan.faults.filter(({ atMs }) => atMs < durationMs).map((fault) => endingBy(fault, durationMs)),
    operations: plan.operations.filter(({ atMs }) => atMs < durationMs),
  };
}

function endingBy(fault: Fault, untilMs: number): Fault {
  return 'forMs' in fault ? { ...fault, forMs: Math.min(fault.forMs, untilMs - fault.atMs) } : fault;
}
