import { nodeOf, processOf, Random } from '../../kernel/index.ts';
import { lastFaultEndsAtMs, Simulation } from '../../sim/index.ts';
import { type DrawnWorld, drawWorld } from '../draw-world.ts';
import { failureOf } from '../failure.ts';
import type { Setting } from '../scenario.ts';
import { checkNames } from '../setting.ts';
import { type Failure, goalsOf, keptFor, type Outcome, type Plan, type Trial } from '../trial.ts';
import { checkedInput, type Input, type Output, type Protocol } from './protocol.ts';

type PlannedInput = Input & { readonly atMs: number };

/** A run of a protocol: the world drawn for it, and what comes from outside. */
export interface ProtocolPlan extends Plan, DrawnWorld {
  readonly operations: readonly PlannedInput[];
}

/** A protocol of anybody's in a scenario. */
export class ProtocolTrial implements Trial<ProtocolPlan> {
  readonly name: string;
  readonly reaches: readonly string[];
  readonly #protocol: Protocol;
  readonly #setting: Setting;

  constructor(protocol: Protocol, setting: Setting) {
    checkNames(setting, [...protocol.nodes.keys(), ...Object.keys(protocol.roles)]);
    this.name = setting.name;
    this.reaches = goalsOf(protocol.spec);
    this.#protocol = protocol;
    this.#setting = setting;
  }

  plan(seed: number): ProtocolPlan {
    const random = new Random(seed).fork('plan');
    const { nodes, driftPpm } = this.#protocol;
    const world = drawWorld(this.#setting, [...nodes.keys()], driftPpm, random.fork('swarm'));
    const { durationMs } = this.#setting;
    return {
      seed,
      ...world,
      operations: this.#operations(random.fork('operations'), durationMs),
      durationMs: Math.max(durationMs, lastFaultEndsAtMs(world.faults)),
    };
  }

  run(plan: ProtocolPlan, { record = false }: { readonly record?: boolean } = {}): Outcome {
    return new ProtocolRun(this.#protocol, this.#setting, plan, record).run();
  }

  #operations(random: Random, durationMs: number): ProtocolPlan['operations'] {
    const { inputs, workload, name } = this.#protocol;
    const drawn = (workload?.(random.fork('workload'), durationMs) ?? []).map((input) => checkedInput(input, name));
    return [...inputs, ...drawn]
      .map((input) => ({ ...input, atMs: input.atMs ?? random.between(0, durationMs) }))
      .sort((a, b) => a.atMs - b.atMs);
  }
}

class ProtocolRun {
  readonly #protocol: Protocol;
  readonly #setting: Setting;
  readonly #plan: ProtocolPlan;
  readonly #record: boolean;
  readonly #outputs: Output[] = [];
  readonly #simulation: Simulation;

  constructor(protocol: Protocol, setting: Setting, plan: ProtocolPlan, record: boolean) {
    const { nodes, spec, roles, name } = protocol;
    const { eventually = {}, goals = {}, ...always } = spec;
    const { seed, network, disk, clocks, faults, operations } = plan;
    this.#protocol = protocol;
    this.#setting = setting;
    this.#plan = plan;
    this.#record = record;
    this.#simulation = new Simulation({
      seed,
      nodes,
      ...{ network, disk, clocks, faults, roles, record },
      domains: setting.domains,
      spec: { ...always, goals: { ...goals, ...eventually } },
      subject: name,
      about: { scenario: setting.name, plan },
      onOutput: (output, { from, atMs }) => this.#outputs.push({ from, atMs, output }),
    });
    for (const { atMs, to, message, from } of operations) {
      const deliver = (): void => this.#simulation.deliver(nodeOf(to), processOf(to), message, from);
      this.#simulation.at(atMs, deliver);
    }
  }

  run(): Outcome {
    const simulation = this.#simulation;
    const failure = failureOf(() => this.#suffer() ?? this.#heal() ?? this.#judge());
    return {
      failure,
      reached: new Set(goalsOf(this.#protocol.spec).filter((goal) => simulation.reached.has(goal))),
      operations: this.#plan.operations.length,
      answered: this.#outputs.length,
      simulatedMs: simulation.nowMs,
      statistics: simulation.statistics,
      trace: this.#record ? keptFor(simulation.trace, failure) : null,
    };
  }

  #suffer(): null {
    this.#simulation.run({ untilMs: this.#plan.durationMs });
    return null;
  }

  /** With all faults over, what every run has to come to is come to within the bound. */
  #heal(): Failure | null {
    const simulation = this.#simulation;
    simulation.heal();
    const missing = (): string[] =>
      Object.keys(this.#protocol.spec.eventually ?? {}).filter((goal) => !simulation.reached.has(goal));
    const untilMs = simulation.nowMs + this.#setting.healsWithinMs;
    simulation.run({ untilMs, until: () => missing().length === 0 });
    const [property] = missing();
    if (property === undefined) return null;
    const what = `not reached, although all faults were over ${this.#setting.healsWithinMs} ms before`;
    return { property, what, atMs: simulation.nowMs };
  }

  #judge(): Failure | null {
    const what = this.#protocol.judge?.(this.#outputs) ?? null;
    return what === null ? null : { property: 'judge', what, atMs: this.#simulation.nowMs };
  }
}
