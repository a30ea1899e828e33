import { print } from '../../../kernel/index.ts';
import type { Operation } from '../history.ts';
import { INITIALLY } from '../order/facts.ts';
import type { Edge, Precedence } from '../order/precedence.ts';
import type { Accesses } from './accesses.ts';

const LINES_MAX = 40;

/** A contradiction, as a person would derive it: first what follows from what, then the circle that this closes. */
export interface Story {
  readonly lines: readonly string[];
  readonly operations: readonly Operation<unknown, unknown>[];
}

/** Why the edges of a cycle hold: each conclusion is told after what it is drawn from, and once. */
export function tellCycle(cycle: readonly Edge[], known: Precedence, accesses: Accesses): Story {
  const teller = new Teller(known, accesses);
  for (const edge of cycle) teller.conclude(edge);
  teller.say(
    `so ${[...cycle.map(({ from }) => teller.name(from)), teller.name(cycle[0]?.from ?? 0)].join(' comes before ')}`,
  );
  return teller.story();
}

class Teller {
  readonly #known: Precedence;
  readonly #accesses: Accesses;
  readonly #told = new Set<Edge>();
  readonly #lines: string[] = [];
  readonly #mentioned = new Set<number>();

  constructor(known: Precedence, accesses: Accesses) {
    this.#known = known;
    this.#accesses = accesses;
  }

  conclude(edge: Edge): void {
    if (this.#told.has(edge)) return;
    this.#told.add(edge);
    const { from, to, why, round } = edge;
    const [earlier, later] = [this.name(from), this.name(to)];
    switch (why.type) {
      case 'session':
        this.say(
          from === INITIALLY
            ? `${later} comes after the beginning`
            : `${this.#client(from)} did ${earlier} before ${later}`,
        );
        return;
      case 'realTime':
        this.say(`${earlier} had ended when ${later} began`);
        return;
      case 'readsFrom':
        this.say(from === INITIALLY ? `${later} saw what was there in the beginning` : `${later} saw ${earlier}`);
        return;
      case 'overwritten': {
        this.#concludePath(from, why.reader, round);
        const reader = this.name(why.reader);
        this.say(
          to === INITIALLY
            ? `${earlier} comes before ${reader}, which yet saw nothing written`
            : `${earlier} comes before ${reader}, which saw ${later} instead: so ${earlier} comes before ${later}`,
        );
        return;
      }
      case 'replaces':
        this.#concludePath(why.version, to, round);
        this.say(
          why.version === INITIALLY
            ? `${earlier} saw nothing written, so it comes before ${later}`
            : `${earlier} saw ${this.name(why.version)}, which ${later} replaced: so ${earlier} comes before ${later}`,
        );
        return;
      case 'assumed':
        this.say(`suppose ${earlier} comes before ${later}`);
        return;
      default:
        why satisfies never;
    }
  }

  say(line: string): void {
    this.#lines.push(line);
  }

  name(event: number): string {
    if (event === INITIALLY) return 'the beginning';
    this.#mentioned.add(event);
    const access = this.#accesses.events[event];
    if (access === undefined) return 'the beginning';
    const { client, invokeAt } = access.operation;
    const key = this.#accesses.keys[access.key] ?? '';
    const what = key === '' ? access.type : `${access.type} ${key}`;
    // What is written is written once, but the same may be read often.
    return access.type === 'write'
      ? `[${client}: ${what} = ${print(access.value)}]`
      : `[${client} at ${invokeAt}: ${what} -> ${print(access.value)}]`;
  }

  story(): Story {
    const hidden = this.#lines.length - LINES_MAX;
    const lines =
      hidden > 1
        ? [...this.#lines.slice(0, LINES_MAX / 2), `… ${hidden} more steps`, ...this.#lines.slice(-LINES_MAX / 2)]
        : this.#lines;
    const operations = [...this.#mentioned].flatMap((event) => this.#accesses.events[event]?.operation ?? []);
    return { lines, operations };
  }

  #concludePath(from: number, to: number, beforeRound: number): void {
    for (const edge of this.#known.path(from, to, beforeRound) ?? []) this.conclude(edge);
  }

  #client(event: number): string {
    return this.#accesses.events[event]?.operation.client ?? '';
  }
}
