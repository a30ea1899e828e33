import { address, type NodeDefinition, type NodeId } from '../../kernel/index.ts';
import {
  type CallOutcome,
  ChosenValues,
  membershipOf,
  multiPaxosSpec,
  oneLeaseholder,
  Replica,
  type ReplicaOutput,
} from '../../protocols/index.ts';
import type { PaxosMessage } from '../../protocols/multi-paxos/messages.ts';
import { type Observed, type SimulatedWorld, Simulation } from '../../sim/index.ts';
import { REPLICA, type StoreNodeOptions, storeNode } from '../../store/node.ts';
import { failureOf } from '../failure.ts';
import { type Failure, keptFor, type Outcome, type Trial } from '../trial.ts';
import { Clients } from './clients.ts';
import { planStore, type StorePlan } from './plan.ts';
import type { Happening, Property, StoreScenario } from './scenario.ts';

/** Makes the nodes: the store's own, or in tests of these tests, broken ones. */
export type StoreNodeFactory = (options: StoreNodeOptions) => NodeDefinition;

/** What a trace of the store calls it. */
export const STORE_SUBJECT = 'store';

/** The whole store in a scenario, with clients at work; when all faults are over, it must answer again. */
export class StoreTrial implements Trial<StorePlan> {
  readonly name: string;
  readonly reaches: readonly string[];
  readonly #scenario: StoreScenario;
  readonly #node: StoreNodeFactory;

  constructor(scenario: StoreScenario, node: StoreNodeFactory = storeNode) {
    this.name = scenario.setting.name;
    this.reaches = scenario.reaches;
    this.#scenario = scenario;
    this.#node = node;
  }

  plan(seed: number): StorePlan {
    return planStore(this.#scenario, seed);
  }

  run(plan: StorePlan, { record = false }: { readonly record?: boolean } = {}): Outcome {
    return new StoreRun(this.name, plan, this.#node, record).run();
  }
}

/** The nodes of a plan, to run its trace again. */
export function storeNodes(plan: StorePlan, node: StoreNodeFactory = storeNode): Map<NodeId, NodeDefinition> {
  const { nodes, spares, timing, limits } = plan;
  const initial = membershipOf([...nodes]);
  const voters = nodes.map((name): [NodeId, NodeDefinition] => [name, node({ initial, timing, limits })]);
  const joining = spares.map((name): [NodeId, NodeDefinition] => [name, node({ initial: null, timing, limits })]);
  return new Map([...voters, ...joining]);
}

class StoreRun {
  readonly #plan: StorePlan;
  readonly #record: boolean;
  readonly #simulation: Simulation;
  readonly #clients: Clients;
  readonly #chosen = new ChosenValues();
  readonly #reached = new Set<Happening>();
  #disagreement: Failure | null = null;

  constructor(scenario: string, plan: StorePlan, node: StoreNodeFactory, record: boolean) {
    const { seed, network, disk, clocks, faults, domains } = plan;
    this.#plan = plan;
    this.#record = record;
    this.#simulation = new Simulation({
      seed,
      nodes: storeNodes(plan, node),
      ...{ network, disk, clocks, faults, domains, record },
      roles: { leader: leaders, followers },
      invariants: this.#holds('oneLeaseholder') ? { oneLeaseholder } : {},
      checkEverySteps: 25,
      subject: STORE_SUBJECT,
      about: { scenario, plan },
      onOutput: (output, observed) => this.#onOutput(output as CallOutcome | ReplicaOutput, observed),
    });
    this.#clients = new Clients(this.#simulation, plan);
    this.#askForChanges();
  }

  run(): Outcome {
    const simulation = this.#simulation;
    const failure = failureOf(() => this.#suffer() ?? this.#answerAgain() ?? this.#judge());
    this.#noteReached();
    const { asked, answered } = this.#clients.counts;
    return {
      failure,
      reached: this.#reached,
      operations: asked,
      answered,
      simulatedMs: simulation.nowMs,
      statistics: simulation.statistics,
      trace: this.#record ? keptFor(simulation.trace, failure) : null,
    };
  }

  #holds(property: Property): boolean {
    return this.#plan.holds.includes(property);
  }

  #askForChanges(): void {
    for (const { atMs, asked, change } of this.#plan.changes) {
      const message: PaxosMessage = { type: 'changeMembership', client: address('nobody'), id: 0, change };
      this.#simulation.at(atMs, () => this.#simulation.deliver(asked, REPLICA, message));
    }
  }

  #suffer(): Failure | null {
    this.#simulation.run({ untilMs: this.#plan.durationMs, until: () => this.#seen() !== null });
    return this.#seen();
  }

  /** What was seen to be wrong while the simulation ran. */
  #seen(): Failure | null {
    return this.#disagreement ?? this.#clients.failure;
  }

  /** With all faults over, every voter executes all that is chosen, and answers, within the bound. */
  #answerAgain(): Failure | null {
    if (!this.#holds('answersWhenHealed')) return null;
    const simulation = this.#simulation;
    simulation.heal();
    const probes = new Map<NodeId, number>();
    const untilMs = simulation.nowMs + this.#plan.healsWithinMs;
    const end = simulation.run({ untilMs, until: () => this.#seen() !== null || this.#allAnswer(probes) });
    const seen = this.#seen();
    if (seen !== null) return seen;
    return end === 'condition' ? null : this.#violation('answersWhenHealed', this.#states());
  }

  /** Whom the leader counts as voters now have executed the same, and answered a write asked of them since. */
  #allAnswer(probes: Map<NodeId, number>): boolean {
    const [leader] = leaders(this.#simulation);
    const replica = leader === undefined ? null : this.#replica(leader);
    if (replica === null) return false;
    const voters = replica.membership.voters.filter((voter) => !this.#simulation.isCorrupt(voter));
    for (const voter of voters) if (!probes.has(voter)) probes.set(voter, this.#clients.probe(voter));
    const asked = new Set(voters.map((voter) => probes.get(voter) ?? 0));
    return this.#clients.areAnswered(asked) && voters.every((name) => this.#replica(name)?.chosen === replica.chosen);
  }

  #judge(): Failure | null {
    if (this.#holds('agreement')) {
      for (const [name, invariant] of Object.entries(multiPaxosSpec.invariants ?? {})) {
        const wrong = invariant(this.#simulation);
        if (wrong !== null) return this.#violation('agreement', `${name}: ${wrong}`);
      }
    }
    return this.#holds('linearizable') ? this.#clients.judge() : null;
  }

  #onOutput(output: CallOutcome | ReplicaOutput, { from }: Observed): void {
    switch (output.type) {
      case 'chosen': {
        if (output.value.type === 'membership') this.#reached.add('membership changed');
        const wrong = this.#chosen.note(from, output.slot, output.value);
        if (wrong !== null && this.#holds('agreement')) this.#disagreement ??= this.#violation('agreement', wrong);
        return;
      }
      case 'leading':
        if (output.ballot.round > 1) this.#reached.add('election');
        return;
      case 'following':
        return;
      default:
        this.#clients.settle(output);
    }
  }

  #noteReached(): void {
    const { crashes, lostRecords } = this.#simulation.statistics;
    if (crashes > 0) this.#reached.add('crash');
    if (lostRecords > 0) this.#reached.add('lost records');
    if (this.#clients.counts.unknown > 0) this.#reached.add('unknown outcome');
    for (const [, process] of this.#simulation.processes()) if (process instanceof Replica) this.#note(process);
  }

  #note({ log, offer, sessions }: Replica): void {
    if (log.base > 0) this.#reached.add('log dropped');
    if (offer !== null) this.#reached.add('snapshot adopted');
    if (sessions.next > 2 * this.#simulation.nodes.length) this.#reached.add('session reopened');
  }

  #replica(name: NodeId): Replica | null {
    const process = this.#simulation.process(address(name, REPLICA));
    return process instanceof Replica ? process : null;
  }

  #states(): string {
    const replicas = this.#simulation.nodes.map((name) => this.#replica(name)).filter((replica) => replica !== null);
    return replicas.map((r) => `${r.node}: ${r.role.type}, leader ${r.leader}, chosen ${r.chosen}`).join('; ');
  }

  #violation(property: Property, what: string): Failure {
    return { property, what, atMs: this.#simulation.nowMs };
  }
}

/** Who holds the lease right now: one at most. */
function leaders(world: SimulatedWorld): NodeId[] {
  return replicas(world)
    .filter((replica) => replica.holdsLease(world.clockMs(replica.node)))
    .map(({ node }) => node);
}

/** Every node that is up and does not lead. */
function followers(world: SimulatedWorld): NodeId[] {
  const leading = leaders(world);
  return replicas(world)
    .map(({ node }) => node)
    .filter((node) => !leading.includes(node));
}

function replicas(world: SimulatedWorld): Replica[] {
  return [...world.processes()].map(([, process]) => process).filter((process) => process instanceof Replica);
}
