import type { NodeId } from '../kernel/index.ts';
import type { Names } from './domains.ts';
import type { Degradation } from './network.ts';

/** One direction between two nodes. */
export type DirectedLink = readonly [from: NodeId, to: NodeId];

/**
 * Something that goes wrong at a time and, `forMs` later, is over. Plain data: a run's faults can be printed, saved,
 * and left out one by one while the run still fails. What it happens to is named by node, domain or role, or as `*`:
 * every node.
 */
export type Fault =
  | { readonly type: 'crash'; readonly atMs: number; readonly forMs: number; readonly nodes: readonly NodeId[] }
  | { readonly type: 'pause'; readonly atMs: number; readonly forMs: number; readonly nodes: readonly NodeId[] }
  | {
      readonly type: 'partition';
      readonly atMs: number;
      readonly forMs: number;
      readonly links: readonly DirectedLink[];
    }
  | {
      readonly type: 'degrade';
      readonly atMs: number;
      readonly forMs: number;
      readonly links: readonly DirectedLink[];
      /** A further chance of loss, and a further delay. */
      readonly loss: number;
      readonly extraMs: number;
      /** No more than this fits through. */
      readonly bytesPerSecond?: number;
    }
  /** Connections break: what is under way on these links is lost, and only that. */
  | { readonly type: 'disconnect'; readonly atMs: number; readonly links: readonly DirectedLink[] }
  | {
      readonly type: 'slow';
      readonly atMs: number;
      readonly forMs: number;
      readonly nodes: readonly NodeId[];
      /** A node takes this long over each event, and begins the next when it is done. */
      readonly stepMs: number;
    }
  | {
      readonly type: 'slowDisk';
      readonly atMs: number;
      readonly forMs: number;
      readonly nodes: readonly NodeId[];
      /** Syncs and flushes take this many times as long. */
      readonly factor: number;
    }
  | { readonly type: 'stallDisk'; readonly atMs: number; readonly forMs: number; readonly nodes: readonly NodeId[] }
  /** Nothing more can be written: a node that tries stops, and starts again when there is room. */
  | { readonly type: 'fillDisk'; readonly atMs: number; readonly forMs: number; readonly nodes: readonly NodeId[] }
  /** Bits of what is durable rot. The node finds out when it next starts, and refuses to, for ever. */
  | { readonly type: 'rotDisk'; readonly atMs: number; readonly nodes: readonly NodeId[] }
  | { readonly type: 'driftClock'; readonly atMs: number; readonly nodes: readonly NodeId[]; readonly driftPpm: number }
  | { readonly type: 'jumpClock'; readonly atMs: number; readonly nodes: readonly NodeId[]; readonly byMs: number };

/** Every direction between nodes of different groups: a two-way partition, or of more parts. */
export function linksBetween(...groups: readonly (readonly NodeId[])[]): DirectedLink[] {
  return groups.flatMap((group) =>
    groups.filter((other) => other !== group).flatMap((other) => oneWay({ from: group, to: other })),
  );
}

/** The directions from some nodes to others, but not back. */
export function oneWay({
  from,
  to,
}: {
  readonly from: readonly NodeId[];
  readonly to: readonly NodeId[];
}): DirectedLink[] {
  return from.flatMap((sender) =>
    to.filter((receiver) => receiver !== sender).map((receiver): DirectedLink => [sender, receiver]),
  );
}

/** When the last fault of a schedule is over. */
export function lastFaultEndsAtMs(faults: readonly Fault[]): number {
  return faults.reduce((latest, fault) => Math.max(latest, fault.atMs + ('forMs' in fault ? fault.forMs : 0)), 0);
}

/** What a fault is done to. */
export interface Faulty {
  at(ms: number, run: () => void): void;
  after(ms: number, run: () => void): void;
  isUp(node: NodeId): boolean;
  life(node: NodeId): number;
  /** What names stand for, right now. */
  readonly names: Names;
  crash(node: NodeId): void;
  restart(node: NodeId): void;
  pause(node: NodeId, ms: number): void;
  partition(links: readonly DirectedLink[]): object;
  heal(cut: object): void;
  degrade(links: readonly DirectedLink[], degradation: Degradation): () => void;
  disconnect(links: readonly DirectedLink[]): void;
  slow(node: NodeId, stepMs: number): () => void;
  slowDisk(node: NodeId, factor: number): () => void;
  stallDisk(node: NodeId, ms: number): void;
  fillDisk(node: NodeId): () => void;
  rotDisk(node: NodeId): void;
  driftClock(node: NodeId, driftPpm: number): void;
  jumpClock(node: NodeId, byMs: number): void;
}

/** Lets a fault happen at its time, and end at its end. */
export function scheduleFault(world: Faulty, fault: Fault): void {
  world.at(fault.atMs, () => begin(world, named(world, fault)));
}

/** The fault with all names resolved to nodes: roles change hands, so this is done when it begins. */
function named<F extends Fault>({ names }: Faulty, fault: F): F {
  return 'links' in fault
    ? { ...fault, links: names.links(fault.links) }
    : { ...fault, nodes: names.nodes(fault.nodes) };
}

function begin(world: Faulty, fault: Fault): void {
  switch (fault.type) {
    case 'crash':
      for (const node of fault.nodes) crashFor(world, node, fault.forMs);
      return;
    case 'pause':
      for (const node of fault.nodes) {
        if (world.isUp(node)) world.pause(node, fault.forMs);
      }
      return;
    case 'partition': {
      const cut = world.partition(fault.links);
      world.after(fault.forMs, () => world.heal(cut));
      return;
    }
    case 'degrade':
      world.after(fault.forMs, world.degrade(fault.links, fault));
      return;
    case 'disconnect':
      world.disconnect(fault.links);
      return;
    case 'slow':
      for (const node of fault.nodes) world.after(fault.forMs, world.slow(node, fault.stepMs));
      return;
    case 'slowDisk':
      for (const node of fault.nodes) world.after(fault.forMs, world.slowDisk(node, fault.factor));
      return;
    case 'stallDisk':
      for (const node of fault.nodes) world.stallDisk(node, fault.forMs);
      return;
    case 'fillDisk':
      for (const node of fault.nodes) world.after(fault.forMs, world.fillDisk(node));
      return;
    case 'rotDisk':
      for (const node of fault.nodes) world.rotDisk(node);
      return;
    case 'driftClock':
      for (const node of fault.nodes) world.driftClock(node, fault.driftPpm);
      return;
    case 'jumpClock':
      for (const node of fault.nodes) world.jumpClock(node, fault.byMs);
      return;
    default:
      fault satisfies never;
  }
}

/** Down for a while, unless it is down already, or somebody restarts it before. */
function crashFor(world: Faulty, node: NodeId, ms: number): void {
  if (!world.isUp(node)) return;
  world.crash(node);
  const life = world.life(node);
  world.after(ms, () => {
    if (!world.isUp(node) && world.life(node) === life) world.restart(node);
  });
}
