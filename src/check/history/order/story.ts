import { INITIALLY } from './facts.ts';
import type { Edge, Precedence } from './precedence.ts';

const LINES_MAX = 40;

/** A contradiction, as a person would derive it: first what follows from what, then the circle that this closes. */
export interface Story {
  readonly lines: readonly string[];
  /** The events that it mentions. */
  readonly events: readonly number[];
}

/** How to call events. */
export interface Names {
  event(event: number): string;
  client(event: number): string;
}

/** Why the edges of a cycle hold: each conclusion is told after what it is drawn from, and once. */
export function tellCycle(cycle: readonly Edge[], known: Precedence, names: Names): Story {
  const teller = new Teller(known, names);
  for (const edge of cycle) teller.conclude(edge);
  teller.close(cycle);
  return teller.story();
}

class Teller {
  readonly #known: Precedence;
  readonly #names: Names;
  readonly #told = new Set<Edge>();
  readonly #lines: string[] = [];
  readonly #mentioned = new Set<number>();

  constructor(known: Precedence, names: Names) {
    this.#known = known;
    this.#names = names;
  }

  conclude(edge: Edge): void {
    if (this.#told.has(edge)) return;
    this.#told.add(edge);
    const { why, round } = edge;
    if (why.type === 'overwritten') this.#concludePath(edge.from, why.reader, round);
    if (why.type === 'replaces') this.#concludePath(why.version, edge.to, round);
    const line = this.#tell(edge);
    if (line !== null) this.#lines.push(line);
  }

  close(cycle: readonly Edge[]): void {
    const around = [...cycle.map(({ from }) => from), cycle[0]?.from ?? INITIALLY];
    this.#lines.push(`so ${around.map((event) => this.#name(event)).join(' comes before ')}: a circle`);
  }

  story(): Story {
    const lines = this.#lines;
    const hidden = lines.length - LINES_MAX;
    const shown =
      hidden > 1 ? [...lines.slice(0, LINES_MAX / 2), `… ${hidden} more steps`, ...lines.slice(-LINES_MAX / 2)] : lines;
    return { lines: shown, events: [...this.#mentioned] };
  }

  #concludePath(from: number, to: number, beforeRound: number): void {
    for (const edge of this.#known.path(from, to, beforeRound) ?? []) this.conclude(edge);
  }

  #tell({ from, to, why }: Edge): string | null {
    const [earlier, later] = [this.#name(from), this.#name(to)];
    switch (why.type) {
      case 'session':
        return from === INITIALLY ? null : `${this.#names.client(from)} did ${earlier} before ${later}`;
      case 'realTime':
        return `${earlier} had ended when ${later} began`;
      case 'readsFrom':
        return `${later} saw ${earlier}`;
      case 'overwritten':
        return to === INITIALLY
          ? `${earlier} comes before ${this.#name(why.reader)}, which yet found nothing written`
          : `${earlier} comes before ${this.#name(why.reader)}, which saw ${later} instead, so ${later} came later`;
      case 'replaces':
        return why.version === INITIALLY
          ? `${earlier} found nothing written, so it comes before ${later}`
          : `${earlier} saw ${this.#name(why.version)}, which ${later} replaced, so ${later} came later`;
      case 'assumed':
        return `suppose ${earlier} comes before ${later} (the other way leads to a contradiction too)`;
      default:
        return why satisfies never;
    }
  }

  #name(event: number): string {
    if (event === INITIALLY) return 'the beginning';
    this.#mentioned.add(event);
    return this.#names.event(event);
  }
}
