import type { Model } from './model.ts';
import { nameOf } from './shorten.ts';

/** What an action that need never happen is fair in. */
export const UNFAIR = -1;

const NOT_SEARCHED = -1;
const PROPERTIES_MAX = 30;

/** The states of a search, by number, with the steps between them and where the *eventually* properties are met. */
export class Graph<S, A> {
  readonly properties: readonly string[];
  /** The numbers of the states in which runs start. */
  readonly starts: number[] = [];
  readonly #model: Model<S, A>;
  readonly #met: readonly ((state: S) => boolean)[];
  readonly #kinds = new Map<string, number>();
  /** Models that keep their actions give the same one over and over. */
  readonly #kindsOfActions = new WeakMap<object, number>();
  readonly #marks = new Words();
  readonly #begins = new Words();
  readonly #ends = new Words();
  readonly #targets = new Words();
  readonly #edgeKinds = new Words();

  constructor(model: Model<S, A>, eventually: Readonly<Record<string, (state: S) => boolean>>) {
    this.#model = model;
    this.properties = Object.keys(eventually);
    this.#met = Object.values(eventually);
    if (this.#met.length > PROPERTIES_MAX) {
      throw new Error(`at most ${PROPERTIES_MAX} properties can be checked 'eventually': got ${this.#met.length}`);
    }
  }

  get size(): number {
    return this.#marks.length;
  }

  /** Notes which properties a new state meets. States come in the order of their numbers. */
  mark(number: number, state: S): void {
    let bits = 0;
    for (const [index, met] of this.#met.entries()) if (met(state)) bits |= 1 << index;
    this.#marks.set(number, bits);
    this.#begins.set(number, NOT_SEARCHED);
    this.#ends.set(number, NOT_SEARCHED);
  }

  /** The steps from a state follow. */
  open(number: number): void {
    this.#begins.set(number, this.#targets.length);
  }

  edge(from: number, to: number, action: A): void {
    if (from === to) return; // it changes nothing, so it does not count as possible
    this.#edgeKinds.set(this.#targets.length, this.kindOf(action));
    this.#targets.set(this.#targets.length, to);
  }

  close(number: number): void {
    this.#ends.set(number, this.#targets.length);
  }

  /** Whether all steps from a state are known. */
  isSearched(number: number): boolean {
    return this.#ends.get(number) !== NOT_SEARCHED;
  }

  meets(number: number, property: string): boolean {
    return (this.#marks.get(number) & (1 << this.properties.indexOf(property))) !== 0;
  }

  /** The steps from a state are numbered from here… */
  begin(number: number): number {
    return this.#begins.get(number);
  }

  /** …up to and without here. */
  end(number: number): number {
    return this.#ends.get(number);
  }

  target(edge: number): number {
    return this.#targets.get(edge);
  }

  /** What the step is fair in, or `UNFAIR`. */
  kind(edge: number): number {
    return this.#edgeKinds.get(edge);
  }

  /** What an action is fair in, or `UNFAIR`. */
  kindOf(action: A): number {
    if (typeof action !== 'object' || action === null) return this.#findKind(action);
    const known = this.#kindsOfActions.get(action);
    if (known !== undefined) return known;
    const kind = this.#findKind(action);
    this.#kindsOfActions.set(action, kind);
    return kind;
  }

  #findKind(action: A): number {
    const name = this.#model.fairness === undefined ? nameOf(this.#model, action) : this.#model.fairness(action);
    if (name === null) return UNFAIR;
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    this.#kinds.set(name, this.#kinds.size);
    return this.#kinds.size - 1;
  }
}

/** A growing list of whole numbers, four bytes each. */
class Words {
  #words = new Int32Array(1024);
  length = 0;

  get(index: number): number {
    return this.#words[index] as number;
  }

  set(index: number, word: number): void {
    if (index >= this.#words.length) {
      const more = new Int32Array(Math.max(index + 1, 2 * this.#words.length));
      more.set(this.#words);
      this.#words = more;
    }
    this.#words[index] = word;
    if (index >= this.length) this.length = index + 1;
  }
}
