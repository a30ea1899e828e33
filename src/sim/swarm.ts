import { exponential, logarithm, type NodeId, type Random } from '../kernel/index.ts';
import { type DirectedLink, type Fault, linksBetween, oneWay } from './faults.ts';
import type { ClockOptions, DiskOptions, NetworkOptions } from './options.ts';

/** Within what bounds things may go wrong. */
export interface SwarmBounds {
  readonly nodes: readonly NodeId[];
  /** Nodes that share a rack or a data centre: some of the faults strike all nodes of one of these. Default none. */
  readonly domains?: readonly (readonly NodeId[])[];
  /** Faults begin and end within this time; after it all is well, but for clocks, which go on drifting. */
  readonly faultsUntilMs: number;
  /** What the protocol assumes about clocks: no two of them ever drift apart by more than this. */
  readonly driftPpm: number;
  /** Clocks are at most this far apart at the start. Default 10,000. */
  readonly skewMs?: number;
  /** Clocks are set by at most this much. Default 0, as leases do not survive that. */
  readonly jumpMs?: number;
  /** Pauses, partitions and crashes last up to this long: several times the protocol's timeouts. Default 5,000. */
  readonly longestMs?: number;
  /** Disks that may rot, which takes their nodes away for ever. Default 0: most systems survive few. */
  readonly rottenDisksMax?: number;
  /** Links keep their order, as TCP does: chosen per seed unless told. */
  readonly fifo?: boolean;
}

/** All that a seed decides about what goes wrong: plain data, to be printed, saved and cut down. */
export interface Swarm {
  readonly network: NetworkOptions;
  readonly disk: DiskOptions;
  readonly clocks: ClockOptions;
  readonly faults: readonly Fault[];
}

export type FaultKind = Fault['type'];

/**
 * Draws which kinds of fault are on in a run, and how hard each is (swarm testing; Groce et al., ISSTA 2012): runs that
 * leave some kinds out reach states that runs with a little of everything do not.
 */
export function swarm(random: Random, bounds: SwarmBounds): Swarm {
  return {
    network: drawNetwork(random.fork('network'), bounds),
    disk: drawDisk(random.fork('disk')),
    clocks: drawClocks(random.fork('clocks'), bounds),
    faults: drawFaults(random.fork('faults'), bounds),
  };
}

function drawNetwork(random: Random, { fifo }: SwarmBounds): NetworkOptions {
  const meanMs = logUniform(random, 0.2, 20);
  return {
    latency: { minMs: meanMs * random.between(0.1, 1), meanMs, maxMs: meanMs * logUniform(random, 2, 50) },
    loss: random.chance(0.5) ? 0 : logUniform(random, 0.001, 0.2),
    duplication: random.chance(0.5) ? 0 : logUniform(random, 0.001, 0.2),
    fifo: fifo ?? random.chance(0.3),
  };
}

function drawDisk(random: Random): DiskOptions {
  const syncMs = logUniform(random, 0.05, 10);
  const flushMs = logUniform(random, 0.5, 500);
  return {
    sync: { minMs: syncMs / 2, meanMs: syncMs, maxMs: syncMs * 20 },
    flush: { minMs: flushMs / 2, meanMs: flushMs, maxMs: flushMs * 5 },
    survival: random.pick([0, 0.5, 1]),
    tornWrites: random.pick([0, 0.5, 1]),
  };
}

function drawClocks(random: Random, { driftPpm, skewMs = 10_000 }: SwarmBounds): ClockOptions {
  return {
    epochMs: 0,
    skewMs: random.chance(0.3) ? 0 : random.between(0, skewMs),
    driftPpm: random.chance(0.3) ? 0 : ownDrift(driftPpm),
  };
}

function drawFaults(random: Random, bounds: SwarmBounds): Fault[] {
  const kinds = kindsWithin(bounds).filter(() => random.chance(0.5));
  const faults = kinds.flatMap((kind) => {
    const own = random.fork(kind);
    const meanGapMs = logUniform(own, bounds.faultsUntilMs / 20, bounds.faultsUntilMs);
    return timesWithin(own, bounds.faultsUntilMs, meanGapMs).flatMap((atMs) => {
      const fault = drawFault(own, kind, atMs, bounds);
      return fault.type === 'crash' ? [...stallBefore(own, fault), fault] : [fault];
    });
  });
  faults.sort((a, b) => a.atMs - b.atMs);
  return keepRottenDisks(faults, bounds);
}

/** No more disks rot than may. */
function keepRottenDisks(faults: readonly Fault[], { rottenDisksMax = 0 }: SwarmBounds): Fault[] {
  const rotten = new Set<NodeId>();
  return faults.filter((fault) => {
    if (fault.type !== 'rotDisk' || fault.nodes.every((node) => rotten.has(node))) return true;
    if (rotten.size >= rottenDisksMax) return false;
    for (const node of fault.nodes) rotten.add(node);
    return true;
  });
}

function kindsWithin({ nodes, driftPpm, jumpMs = 0, rottenDisksMax = 0 }: SwarmBounds): FaultKind[] {
  const kinds: FaultKind[] = ['crash', 'pause', 'slowDisk', 'stallDisk'];
  if (nodes.length > 1) kinds.push('partition', 'degrade');
  if (driftPpm > 0) kinds.push('driftClock');
  if (jumpMs > 0) kinds.push('jumpClock');
  kinds.push('slow', 'fillDisk');
  if (nodes.length > 1) kinds.push('disconnect');
  if (rottenDisksMax > 0) kinds.push('rotDisk');
  return kinds;
}

function drawFault(random: Random, type: FaultKind, atMs: number, bounds: SwarmBounds): Fault {
  const { faultsUntilMs, longestMs = 5000 } = bounds;
  const forMs = Math.min(logUniform(random, longestMs / 1000, longestMs), faultsUntilMs - atMs);
  switch (type) {
    case 'crash':
    case 'pause':
    case 'stallDisk':
      return { type, atMs, forMs, nodes: someOf(random, bounds) };
    case 'slowDisk':
      return { type, atMs, forMs, nodes: someOf(random, bounds), factor: logUniform(random, 2, 200) };
    case 'partition':
      return { type, atMs, forMs, links: drawCut(random, bounds) };
    case 'degrade': {
      const loss = random.pick([0, 0.1, 0.5, 0.9]);
      const degraded = {
        type,
        atMs,
        forMs,
        links: drawCut(random, bounds),
        loss,
        extraMs: logUniform(random, 1, 1000),
      };
      return random.chance(0.7) ? degraded : { ...degraded, bytesPerSecond: logUniform(random, 10_000, 1_000_000) };
    }
    case 'disconnect':
      return { type, atMs, links: drawCut(random, bounds) };
    case 'slow':
      return { type, atMs, forMs, nodes: someOf(random, bounds), stepMs: logUniform(random, 0.1, 20) };
    case 'fillDisk':
      return { type, atMs, forMs, nodes: someOf(random, bounds) };
    case 'rotDisk':
      return { type, atMs, nodes: [random.pick(bounds.nodes)] };
    case 'driftClock': {
      const most = ownDrift(bounds.driftPpm);
      return { type, atMs, nodes: someOf(random, bounds), driftPpm: random.between(-most, most) };
    }
    case 'jumpClock': {
      const { jumpMs = 0 } = bounds;
      return { type, atMs, nodes: someOf(random, bounds), byMs: random.between(-jumpMs, jumpMs) };
    }
    default:
      return type satisfies never;
  }
}

/** A crash loses records only if it comes before their sync has ended: half of them catch a disk that is behind. */
function stallBefore(random: Random, { atMs, nodes }: Extract<Fault, { type: 'crash' }>): Fault[] {
  const forMs = Math.min(atMs, logUniform(random, 1, 1000));
  return random.chance(0.5) ? [{ type: 'stallDisk', atMs: atMs - forMs, forMs, nodes }] : [];
}

/** How many of the faults strike a whole domain, where there are any. */
const DOMAIN_SHARE = 0.3;

function drawDomain(random: Random, { domains = [] }: SwarmBounds): readonly NodeId[] | null {
  return domains.length > 0 && random.chance(DOMAIN_SHARE) ? random.pick(domains) : null;
}

/** A domain; or else one node, all of them, or any other number: each about as likely. */
function someOf(random: Random, bounds: SwarmBounds): NodeId[] {
  const domain = drawDomain(random, bounds);
  if (domain !== null) return [...domain];
  const { nodes } = bounds;
  const count = random.pick([1, nodes.length, 1 + random.integer(nodes.length)]);
  return random.shuffle([...nodes]).slice(0, count);
}

/** Any of the ways in which networks part: in two, one node alone, one direction only, or a link here and there. */
function drawCut(random: Random, bounds: SwarmBounds): DirectedLink[] {
  const { nodes } = bounds;
  const [left, right] = drawSides(random, bounds);
  switch (random.integer(4)) {
    case 0:
      return linksBetween(left, right);
    case 1:
      return oneWay({ from: left, to: right });
    case 2:
      return oneWay({ from: right, to: left });
    default: {
      const all = linksBetween(...nodes.map((node) => [node]));
      const some = all.filter(() => random.chance(0.3));
      return some.length > 0 ? some : all;
    }
  }
}

/** A domain and all others; or else any number of nodes, often one, and the rest. */
function drawSides(random: Random, bounds: SwarmBounds): readonly [readonly NodeId[], readonly NodeId[]] {
  const { nodes } = bounds;
  const domain = drawDomain(random, bounds);
  const others = nodes.filter((node) => domain?.includes(node) === false);
  if (domain !== null && others.length > 0) return [domain, others];
  const order = random.shuffle([...nodes]);
  const at = random.chance(0.5) ? 1 : 1 + random.integer(nodes.length - 1);
  return [order.slice(0, at), order.slice(at)];
}

/** Times of independent events. */
function timesWithin(random: Random, untilMs: number, meanGapMs: number): number[] {
  const times: number[] = [];
  for (let at = random.exponential(meanGapMs); at < untilMs; at += random.exponential(meanGapMs)) times.push(at);
  return times;
}

/** How far each clock may drift from true time so that one forward and one back drift apart by the bound. */
function ownDrift(boundPpm: number): number {
  return boundPpm / (2 + boundPpm / 1e6);
}

function logUniform(random: Random, min: number, max: number): number {
  return exponential(random.between(logarithm(min), logarithm(max)));
}
