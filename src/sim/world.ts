import type { Address, AnyProcess, NodeId, World } from '../kernel/index.ts';

/** The world of a simulation: what an observer outside of it sees, true time and every clock included. */
export interface SimulatedWorld extends World {
  readonly seed: number;
  /** True time since the start. */
  readonly nowMs: number;
  /** What a node's own clock shows. */
  clockMs(node: NodeId): number;
  isUp(node: NodeId): boolean;
}

/** The world as it was before a step: all as it is now, but for the one process that the step was of. */
export class WorldBefore implements World {
  readonly #after: World;
  readonly #stepped: Address;
  readonly #before: AnyProcess;

  constructor(after: World, stepped: Address, before: AnyProcess) {
    this.#after = after;
    this.#stepped = stepped;
    this.#before = before;
  }

  *processes(): Iterable<readonly [Address, AnyProcess]> {
    for (const [at, process] of this.#after.processes()) yield [at, at === this.#stepped ? this.#before : process];
  }

  process(at: Address): AnyProcess | undefined {
    return at === this.#stepped ? this.#before : this.#after.process(at);
  }
}

/** Where in a run something was found, and how to get there again. */
export interface Finding {
  readonly seed: number;
  readonly atMs: number;
  readonly step: number;
  /** The command that reproduces the run. */
  readonly repro: string;
}

/** A state of the world was reached that must not be. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
  readonly code = 'invariantViolated';
  readonly invariant: string;
  readonly what: string;
  readonly finding: Finding;

  constructor(invariant: string, what: string, finding: Finding) {
    super(`invariant '${invariant}' is violated ${where(finding)}: ${what}\n${finding.repro}`);
    this.invariant = invariant;
    this.what = what;
    this.finding = finding;
  }
}

/** A process threw, or did what no process may. */
export class ProcessFailure extends Error {
  override readonly name = 'ProcessFailure';
  readonly code = 'processFailed';
  readonly what: string;
  readonly finding: Finding;

  constructor(what: string, finding: Finding, cause?: unknown) {
    const why = cause === undefined ? '' : `: ${String(cause)}`;
    super(`${what} ${where(finding)}${why}\n${finding.repro}`, { cause });
    this.what = `${what}${why}`;
    this.finding = finding;
  }
}

function where({ atMs, step, seed }: Finding): string {
  return `at ${atMs} ms (step ${step}, seed ${seed})`;
}
