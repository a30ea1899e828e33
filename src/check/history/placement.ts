import { toJson } from '../../kernel/index.ts';
import type { Operation } from './history.ts';
import { Pending } from './pending.ts';
import { ILLEGAL, type SequentialModel, UNKNOWN } from './sequential-model.ts';

/** One operation put in the order. */
export interface Placed<S> {
  readonly operation: number;
  /** The state before it. */
  readonly before: S;
}

/** An order of operations as it grows and shrinks, with the state it leads to and the operations it lacks. */
export class Placement<S, I, O> {
  readonly pending: Pending;
  /** By operation of known outcome: placed or not, as bits; and the same of unknown outcome. */
  readonly ended: Uint32Array;
  readonly optional: Uint32Array;
  readonly order: Placed<S>[] = [];
  state: S;
  readonly #model: SequentialModel<S, I, O>;
  readonly #operations: readonly Operation<I, O>[];
  /** An operation's bit among those of its kind. */
  readonly #bits: Int32Array;
  readonly #changesNothing: Uint8Array;
  /** By operation: the same number for those that asked the same and were answered the same. */
  readonly #kinds: Int32Array;

  /** Operations in the order in which they began. */
  constructor(model: SequentialModel<S, I, O>, operations: readonly Operation<I, O>[]) {
    this.#model = model;
    this.#operations = operations;
    this.pending = new Pending(operations);
    this.state = model.init();
    this.#bits = new Int32Array(operations.length);
    let ended = 0;
    let optional = 0;
    operations.forEach(({ completeAt }, index) => {
      this.#bits[index] = completeAt === null ? optional++ : ended++;
    });
    this.ended = new Uint32Array((ended + 31) >> 5);
    this.optional = new Uint32Array((optional + 31) >> 5);
    this.#changesNothing = Uint8Array.from(operations, ({ input, output, completeAt }) =>
      model.changesNothing?.(input, completeAt === null ? UNKNOWN : (output as O)) ? 1 : 0,
    );
    this.#kinds = kindsOf(operations);
  }

  kindOf(operation: number): number {
    return this.#kinds[operation] as number;
  }

  endOf(operation: number): number {
    return this.#operations[operation]?.completeAt ?? Number.POSITIVE_INFINITY;
  }

  /** How many operations there are. */
  get count(): number {
    return this.#operations.length;
  }

  /** The state after an operation, were it executed in this state, and answered as it did. */
  apply(state: S, operation: number): S | typeof ILLEGAL {
    const { input, output, completeAt } = this.#operations[operation] as Operation<I, O>;
    return this.#model.apply(state, input, completeAt === null ? UNKNOWN : (output as O));
  }

  isLegal(state: S, operation: number): boolean {
    return this.apply(state, operation) !== ILLEGAL;
  }

  isOptional(operation: number): boolean {
    return this.#operations[operation]?.completeAt === null;
  }

  /** Whether the first operation may have led to a state in which the second is legal; true if the model can't tell. */
  mightEnable(operation: number, urgent: number): boolean {
    if (this.#model.mightEnable === undefined) return true;
    const { input } = this.#operations[operation] as Operation<I, O>;
    const { input: urgentInput, output } = this.#operations[urgent] as Operation<I, O>;
    return this.#model.mightEnable(input, urgentInput, output as O);
  }

  place(operation: number, after: S): void {
    this.order.push({ operation, before: this.state });
    this.pending.lift(operation);
    this.#flip(operation);
    this.state = after;
  }

  takeBack(): void {
    const last = this.order.pop();
    if (last === undefined) throw new Error('nothing is placed that could be taken back');
    this.pending.putBack(last.operation);
    this.#flip(last.operation);
    this.state = last.before;
  }

  placeWhatChangesNothing(): void {
    const { pending } = this;
    let operation = pending.first;
    while (operation !== pending.end) {
      if (this.#changesNothing[operation] === 1 && this.isLegal(this.state, operation)) {
        const wasUrgent = operation === pending.urgent;
        this.place(operation, this.state);
        // Its end no longer bounds what may come next.
        operation = wasUrgent ? pending.first : pending.after(operation);
      } else {
        operation = pending.after(operation);
      }
    }
  }

  #flip(operation: number): void {
    const words = this.isOptional(operation) ? this.optional : this.ended;
    const bit = this.#bits[operation] as number;
    words[bit >>> 5] = ((words[bit >>> 5] as number) ^ (1 << (bit & 31))) >>> 0;
  }
}

function kindsOf(operations: readonly Operation[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(operations, ({ input, output, completeAt }) => {
    const answer = completeAt === null ? 'unknown' : JSON.stringify(toJson(output));
    const name = `${JSON.stringify(toJson(input))} ${answer}`;
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  });
}
