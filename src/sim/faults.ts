import type { NodeId } from '../kernel/index.ts';

/** One direction between two nodes. */
export type DirectedLink = readonly [from: NodeId, to: NodeId];

/**
 * Something that goes wrong at a time and, `forMs` later, is over. Plain data: a run's faults can be printed, saved,
 * and left out one by one while the run still fails.
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
  crash(node: NodeId): void;
  restart(node: NodeId): void;
  pause(node: NodeId, ms: number): void;
  partition(links: readonly DirectedLink[]): object;
  heal(cut: object): void;
  degrade(links: readonly DirectedLink[], degradation: { readonly loss: number; readonly extraMs: number }): () => void;
  slowDisk(node: NodeId, factor: number): () => void;
  stallDisk(node: NodeId, ms: number): void;
  driftClock(node: NodeId, driftPpm: number): void;
  jumpClock(node: NodeId, byMs: number): void;
}

/** Lets a fault happen at its time, and end at its end. */
export function scheduleFault(world: Faulty, fault: Fault): void {
  world.at(fault.atMs, () => begin(world, fault));
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
    case 'slowDisk':
      for (const node of fault.nodes) world.after(fault.forMs, world.slowDisk(node, fault.factor));
      return;
    case 'stallDisk':
      for (const node of fault.nodes) world.stallDisk(node, fault.forMs);
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
