import { address, type NodeDefinition, type NodeId, Random } from '../../kernel/index.ts';
import {
  type CallOutcome,
  ChosenValues,
  type MembershipChange,
  membershipOf,
  multiPaxosSpec,
  oneLeaseholder,
  Replica,
  type ReplicaOutput,
} from '../../protocols/index.ts';
import type { PaxosMessage } from '../../protocols/multi-paxos/messages.ts';
import { linksBetween, type Observed, Simulation } from '../../sim/index.ts';
import type { StoreRequest, StoreResponse } from '../../store/api.ts';
import { REPLICA, storeNode } from '../../store/node.ts';
import { failureOf } from '../failure.ts';
import { range, textOf } from '../store/requests.ts';
import type { StoreNodeFactory } from '../store/trial.ts';
import type { Failure } from '../trial.ts';
import { drawActs } from './acts.ts';
import { busyTime } from './busy-time.ts';
import { GroupClients } from './group-clients.ts';
import { type GroupFate, withoutMajority } from './group-fate.ts';
import type { Interval } from './intervals.ts';
import { outagesIn } from './outages.ts';
import type { YearScenario } from './scenario.ts';
import { Timeline } from './timeline.ts';

const QUIET_PART_MS = 300;
const RECONFIGURE_EVERY_MS = 5_000;
const HEALS_WITHIN_MS = 60_000;
const CHECK_EVERY_STEPS = 500;

/** What a year was for one group. Times are of the year. */
export interface GroupYear {
  readonly failure: Failure | null;
  readonly operations: number;
  readonly answered: number;
  readonly acknowledgedWrites: number;
  /** Acknowledged writes that no replica knows of in the end. */
  readonly lostWrites: number;
  /** When clients got no answer, or a late one. */
  readonly outages: readonly Interval[];
  /** When no majority of the replicas was up: nothing could have answered. */
  readonly withoutMajority: readonly Interval[];
  readonly replacedReplicas: number;
  readonly elections: number;
  readonly simulatedMs: number;
  readonly steps: number;
}

/** Simulates one group through its year, in as much detail as a minute of it: with gaps, in which nothing happens. */
export function simulateGroup(
  scenario: YearScenario,
  fate: GroupFate,
  { seed, endMs, node = storeNode }: GroupYearOptions,
): GroupYear {
  return new GroupRun(scenario, fate, { seed, endMs, node }).run();
}

export interface GroupYearOptions {
  readonly seed: string;
  readonly endMs: number;
  /** Makes the nodes: the store's own, or in tests of these tests, broken ones. */
  readonly node?: StoreNodeFactory;
}

/** The places of a group's replicas, and which node is at each: a failed disk takes a node away for ever. */
interface Place {
  node: NodeId;
  isDead: boolean;
  generation: number;
}

class GroupRun {
  readonly #scenario: YearScenario;
  readonly #fate: GroupFate;
  readonly #timeline: Timeline;
  readonly #simulation: Simulation;
  readonly #clients: GroupClients;
  readonly #places: Place[];
  readonly #joining: NodeDefinition;
  readonly #chosen = new ChosenValues();
  #disagreement: string | null = null;
  #replaced = 0;
  #elections = 0;

  constructor(scenario: YearScenario, fate: GroupFate, { seed, endMs, node }: Required<GroupYearOptions>) {
    const random = new Random(seed);
    const settleMs = scenario.settleSeconds * 1000;
    const busy = busyTime(fate, settleMs, endMs);
    const acts = drawActs(scenario, busy, endMs, random.fork('acts'));
    const quiet = acts.map(({ atMs }) => ({ fromMs: atMs, toMs: atMs + QUIET_PART_MS }));
    this.#scenario = scenario;
    this.#fate = fate;
    this.#timeline = new Timeline([...busy, ...quiet]);
    this.#places = fate.down.map((_, replica) => ({ node: nodeName(replica, 0), isDead: false, generation: 0 }));
    const names = this.#places.map(({ node }) => node);
    const { timing, limits } = scenario;
    this.#joining = node({ initial: null, timing, limits });
    const definition = node({ initial: membershipOf(names), timing, limits });
    this.#simulation = new Simulation({
      seed: random.fork('simulation').next(),
      nodes: new Map(names.map((name) => [name, definition])),
      network: { latency: { minMs: 0.1, meanMs: 0.5, maxMs: 20 } },
      clocks: { skewMs: 1_000, driftPpm: 200 },
      invariants: { oneLeaseholder },
      checkEverySteps: CHECK_EVERY_STEPS,
      paranoid: false,
      onOutput: (output, observed) => this.#onOutput(output as CallOutcome | ReplicaOutput, observed),
    });
    const nodes = (): NodeId[] => this.#places.map(({ node }) => node);
    this.#clients = new GroupClients(this.#simulation, nodes, scenario.clients, random.fork('clients'));
    for (const { atMs, client } of acts) this.#at(atMs, () => this.#clients.act(client));
    this.#schedule();
  }

  run(): GroupYear {
    const failure = failureOf(() => this.#live() ?? this.#judge());
    const { attempts, acknowledged, answered } = this.#clients;
    return {
      failure,
      operations: attempts.length,
      answered,
      acknowledgedWrites: acknowledged.length,
      lostWrites: failure === null ? 0 : this.#lost().length,
      outages: outagesIn(attempts, this.#scenario.clients.slowMs, this.#timeline),
      withoutMajority: withoutMajority(this.#fate),
      replacedReplicas: this.#replaced,
      elections: this.#elections,
      simulatedMs: this.#simulation.nowMs,
      steps: this.#simulation.statistics.steps,
    };
  }

  // ------------------------------------------------------------------------------------------------ what happens

  #schedule(): void {
    for (const [replica, intervals] of this.#fate.down.entries()) {
      for (const { fromMs, toMs } of intervals) {
        this.#at(fromMs, () => this.#stop(replica));
        this.#at(toMs, () => this.#start(replica));
      }
    }
    for (const { fromMs, toMs, replicas } of this.#fate.cuts) this.#at(fromMs, () => this.#cut(replicas, toMs));
    for (const { fromMs, toMs, replicas, loss } of this.#fate.lossy) {
      this.#at(fromMs, () => this.#degrade(replicas, loss, toMs));
    }
    for (const { replica, atMs, replacedAtMs } of this.#fate.disks) {
      this.#at(atMs, () => this.#lose(replica));
      this.#at(replacedAtMs, () => this.#replace(replica));
    }
  }

  #at(yearMs: number, run: () => void): void {
    this.#simulation.at(this.#timeline.simulated(yearMs), run);
  }

  #place(replica: number): Place {
    const place = this.#places[replica];
    if (place === undefined) throw new Error(`the group has no replica ${replica}`);
    return place;
  }

  #stop(replica: number): void {
    const { node } = this.#place(replica);
    if (this.#simulation.isUp(node)) this.#simulation.crash(node);
  }

  #start(replica: number): void {
    const { node, isDead } = this.#place(replica);
    if (!isDead && !this.#simulation.isUp(node)) this.#simulation.restart(node);
  }

  #lose(replica: number): void {
    const place = this.#place(replica);
    this.#stop(replica);
    place.isDead = true;
  }

  #cut(replicas: readonly number[], untilMs: number): void {
    const cut = this.#simulation.partition(linksBetween(this.#nodesAt(replicas), this.#nodesNotAt(replicas)));
    this.#at(untilMs, () => this.#simulation.heal(cut));
  }

  #degrade(replicas: readonly number[], loss: number, untilMs: number): void {
    const links = linksBetween(this.#nodesAt(replicas), this.#nodesNotAt(replicas));
    this.#at(untilMs, this.#simulation.degrade(links, { loss, extraMs: 0 }));
  }

  #nodesAt(replicas: readonly number[]): NodeId[] {
    return replicas.map((replica) => this.#place(replica).node);
  }

  #nodesNotAt(replicas: readonly number[]): NodeId[] {
    return this.#places.filter((_, replica) => !replicas.includes(replica)).map(({ node }) => node);
  }

  // ------------------------------------------------------------------------------------------ a replica's successor

  /** A new replica at the same place: it learns, then votes, then the one that is gone is removed. */
  #replace(replica: number): void {
    const place = this.#place(replica);
    if (!place.isDead) return;
    const gone = place.node;
    place.generation += 1;
    place.node = nodeName(replica, place.generation);
    place.isDead = false;
    this.#replaced += 1;
    this.#simulation.add(place.node, this.#joining);
    this.#reconfigure(place.node, gone);
  }

  #reconfigure(joins: NodeId, leaves: NodeId): void {
    const leader = this.#leader();
    if (leader !== null) {
      const change = nextChange(leader.membership, joins, leaves);
      if (change === null) return;
      const message: PaxosMessage = { type: 'changeMembership', client: address('operator'), id: 0, change };
      this.#simulation.deliver(leader.node, REPLICA, message);
    }
    this.#simulation.after(RECONFIGURE_EVERY_MS, () => this.#reconfigure(joins, leaves));
  }

  #leader(): Replica | null {
    for (const [, process] of this.#simulation.processes()) {
      if (process instanceof Replica && process.holdsLease(this.#simulation.clockMs(process.node))) return process;
    }
    return null;
  }

  // ------------------------------------------------------------------------------------------------- what is seen

  #onOutput(output: CallOutcome | ReplicaOutput, { from }: Observed): void {
    switch (output.type) {
      case 'chosen':
        this.#disagreement ??= this.#chosen.note(from, output.slot, output.value);
        return;
      case 'leading':
        this.#elections += 1;
        return;
      case 'following':
        return;
      default:
        this.#clients.settle(output);
    }
  }

  #live(): Failure | null {
    const simulation = this.#simulation;
    simulation.run({ untilMs: this.#timeline.lengthMs, until: () => this.#disagreement !== null });
    if (this.#disagreement !== null) return this.#violation('agreement', this.#disagreement);
    simulation.heal();
    for (const replica of this.#places.keys()) this.#start(replica);
    const isDone = (): boolean => !this.#clients.isWaiting;
    // Whoever still waits is answered, or gives up; then every key is read once more.
    simulation.run({ untilMs: simulation.nowMs + HEALS_WITHIN_MS, until: () => this.#leader() !== null && isDone() });
    this.#clients.readAll();
    const { answered } = this.#clients;
    simulation.run({ untilMs: simulation.nowMs + HEALS_WITHIN_MS, until: isDone });
    const isAnswered = this.#clients.answered === answered + this.#scenario.clients.keys;
    return isAnswered ? null : this.#violation('answersWhenHealed', 'the last reads of the year were not answered');
  }

  #judge(): Failure | null {
    for (const [name, invariant] of Object.entries(multiPaxosSpec.invariants ?? {})) {
      const wrong = invariant(this.#simulation);
      if (wrong !== null) return this.#violation('agreement', `${name}: ${wrong}`);
    }
    const [lost] = this.#lost();
    if (lost !== undefined) return this.#violation('noAcknowledgedWriteIsLost', lost);
    const wrong = this.#clients.judge();
    return wrong === null ? null : this.#violation('linearizable', wrong);
  }

  /** The acknowledged writes that the leader's history does not have at their revisions. */
  #lost(): string[] {
    const leader = this.#leader();
    if (leader === null) return [];
    return this.#clients.acknowledged.flatMap(({ key, value, revision }) => {
      const asked: StoreRequest = { ...range(key, null), revision };
      const response = leader.machine.read(asked) as StoreResponse;
      const found = response.type === 'range' ? response.kvs[0] : undefined;
      const isThere = found?.modRevision === revision && textOf(found) === value;
      return isThere ? [] : [`${key} = ${value}, acknowledged at revision ${revision}, is not in the store`];
    });
  }

  #violation(property: string, what: string): Failure {
    return { property, what, atMs: this.#simulation.nowMs };
  }
}

function nodeName(replica: number, generation: number): NodeId {
  return generation === 0 ? `r${replica}` : `r${replica}.${generation}`;
}

function nextChange(
  { voters, learners }: { readonly voters: readonly NodeId[]; readonly learners: readonly NodeId[] },
  joins: NodeId,
  leaves: NodeId,
): MembershipChange | null {
  if (!voters.includes(joins)) return { type: learners.includes(joins) ? 'promote' : 'addLearner', node: joins };
  return voters.includes(leaves) ? { type: 'remove', node: leaves } : null;
}
