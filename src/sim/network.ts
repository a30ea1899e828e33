import type { NodeId, Random } from '../kernel/index.ts';
import { drawUs, toUs } from './delay.ts';
import type { Names } from './domains.ts';
import { DEFAULT_LINK, type LinkOptions, type NetworkOptions } from './options.ts';
import type { Statistics } from './statistics.ts';

/** A further chance of loss, a further delay, and a lower bandwidth. */
export interface Degradation {
  readonly loss: number;
  readonly extraMs: number;
  readonly bytesPerSecond?: number;
}

/** One direction between two nodes, and what is wrong with it right now. */
export interface Link {
  readonly options: LinkOptions;
  /** The faults that it suffers from; they may overlap, and each ends by itself. */
  readonly cuts: Set<object>;
  readonly degradations: Map<object, Degradation>;
  lastArrivalAt: number;
  /** When the last message that was sent is on the wire. */
  busyUntil: number;
  /** Counts the times that the connection broke: what was sent before the last of them does not arrive. */
  breaks: number;
}

/** Decides what becomes of each message between nodes. */
export class Network {
  readonly #options: NetworkOptions;
  readonly #names: Names;
  readonly #random: Random;
  readonly #statistics: Statistics;
  readonly #links = new Map<NodeId, Map<NodeId, Link>>();

  constructor(options: NetworkOptions, names: Names, random: Random, statistics: Statistics) {
    this.#options = options;
    this.#names = names;
    this.#random = random;
    this.#statistics = statistics;
  }

  link(from: NodeId, to: NodeId): Link {
    let outgoing = this.#links.get(from);
    if (outgoing === undefined) {
      outgoing = new Map();
      this.#links.set(from, outgoing);
    }
    let link = outgoing.get(to);
    if (link === undefined) {
      link = this.#makeLink(from, to);
      outgoing.set(to, link);
    }
    return link;
  }

  /**
   * When a message sent at `now` arrives, calling `arrive` once for each copy; not at all if it is lost. Its size is
   * asked for only where bandwidth is limited.
   */
  transmit(link: Link, now: number, size: () => number, arrive: (at: number) => void): void {
    const { options } = link;
    if (link.cuts.size > 0) {
      this.#statistics.cut += 1;
      return;
    }
    if (this.#isLost(link)) {
      this.#statistics.lost += 1;
      return;
    }
    const sent = this.#sent(link, now, size);
    if (sent === null) return;
    arrive(this.#arrival(link, sent));
    if (this.#happens(options.duplication)) {
      this.#statistics.duplicated += 1;
      arrive(this.#arrival(link, sent));
    }
  }

  /** When a message is on the wire, behind those before it; null if too many wait already. */
  #sent(link: Link, now: number, size: () => number): number | null {
    const bytesPerSecond = bandwidth(link);
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return now;
    const usPerByte = 1e6 / bytesPerSecond;
    const begins = Math.max(now, link.busyUntil);
    if (begins - now > link.options.queueBytesMax * usPerByte) {
      this.#statistics.overflowed += 1;
      return null;
    }
    if (begins > now) this.#statistics.queued += 1;
    link.busyUntil = begins + Math.ceil(size() * usPerByte);
    return link.busyUntil;
  }

  eachLink(visit: (link: Link) => void): void {
    for (const outgoing of this.#links.values()) {
      for (const link of outgoing.values()) visit(link);
    }
  }

  #isLost(link: Link): boolean {
    if (this.#happens(link.options.loss)) return true;
    for (const { loss } of link.degradations.values()) {
      if (this.#happens(loss)) return true;
    }
    return false;
  }

  /** Draws nothing where nothing is at stake: most links have neither loss nor duplication. */
  #happens(chance: number): boolean {
    return chance > 0 && this.#random.chance(chance);
  }

  #arrival(link: Link, now: number): number {
    let drawn = now + drawUs(link.options.latency, this.#random);
    for (const { extraMs } of link.degradations.values()) drawn += toUs(extraMs);
    if (drawn >= link.lastArrivalAt) {
      link.lastArrivalAt = drawn;
    } else if (link.options.fifo) {
      return link.lastArrivalAt;
    } else {
      this.#statistics.reordered += 1;
    }
    return drawn;
  }

  #makeLink(from: NodeId, to: NodeId): Link {
    const { links = [], ...common } = this.#options;
    const isOf = (node: NodeId, name: string | undefined): boolean =>
      name === undefined || this.#names.nodes([name]).includes(node);
    const matching = links.filter((override) => isOf(from, override.from) && isOf(to, override.to));
    const options = Object.assign({}, DEFAULT_LINK, common, ...matching) as LinkOptions;
    return { options, cuts: new Set(), degradations: new Map(), lastArrivalAt: 0, busyUntil: 0, breaks: 0 };
  }
}

function bandwidth({ options, degradations }: Link): number {
  let least = options.bytesPerSecond;
  for (const { bytesPerSecond = least } of degradations.values()) least = Math.min(least, bytesPerSecond);
  return least;
}
