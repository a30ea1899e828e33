import { equal } from '../../kernel/index.ts';
import { decideQueue } from './queue/decide-queue.ts';
import { ANY, deterministic, type Effect, ILLEGAL, type SequentialModel, UNKNOWN } from './sequential-model.ts';

/** Any plain data; null is what was never written. */
export type Value = unknown;

export type RegisterInput = { readonly type: 'read' } | { readonly type: 'write'; readonly value: Value };

/** One value, read and written. */
export const register: SequentialModel<Value, RegisterInput, Value> = deterministic({
  name: 'register',
  init: () => null,
  changesNothing: ({ type }: RegisterInput) => type === 'read',
  effect: effectOf,
  mightEnable: (input: RegisterInput, _other: RegisterInput, seen: Value) =>
    input.type === 'write' && equal(input.value, seen),
  run(state: Value, input: RegisterInput) {
    switch (input.type) {
      case 'read':
        return [state, state];
      case 'write':
        return [input.value, undefined];
      default:
        return input satisfies never;
    }
  },
});

export type CasRegisterInput =
  | RegisterInput
  | { readonly type: 'compareAndSet'; readonly expected: Value; readonly value: Value };

/** One value that can also be set on condition; `compareAndSet` answers whether it did. */
export const casRegister: SequentialModel<Value, CasRegisterInput, Value> = deterministic({
  name: 'compare-and-set register',
  init: () => null,
  changesNothing: isReadOrRefusal,
  effect: effectOf,
  mightEnable: (input: CasRegisterInput, other: CasRegisterInput, seen: Value) =>
    other.type !== 'read' || (input.type !== 'read' && equal(input.value, seen)),
  run(state: Value, input: CasRegisterInput) {
    switch (input.type) {
      case 'read':
        return [state, state];
      case 'write':
        return [input.value, undefined];
      case 'compareAndSet':
        return equal(state, input.expected) ? [input.value, true] : [state, false];
      default:
        return input satisfies never;
    }
  },
});

export type KeyValueInput =
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'put'; readonly key: string; readonly value: Value }
  | { readonly type: 'delete'; readonly key: string }
  | { readonly type: 'compareAndSet'; readonly key: string; readonly expected: Value; readonly value: Value }
  | { readonly type: 'increment'; readonly key: string; readonly by: number };

/**
 * A map from keys to values; a key that is absent reads as null. `delete` answers whether the key was there,
 * `increment` the new number, of which an absent key is 0. Keys are independent, so each is a state of its own.
 */
export const keyValue: SequentialModel<Value, KeyValueInput, Value> = deterministic({
  name: 'key-value map',
  init: () => null,
  changesNothing: isReadOrRefusal,
  effect: effectOf,
  mightEnable: (input: KeyValueInput, other: KeyValueInput, seen: Value) =>
    other.type !== 'get' || mightLeave(input, seen),
  partition: ({ key }: KeyValueInput) => key,
  run(state: Value, input: KeyValueInput) {
    switch (input.type) {
      case 'get':
        return [state, state];
      case 'put':
        return [input.value, undefined];
      case 'delete':
        return [null, state !== null];
      case 'compareAndSet':
        return equal(state, input.expected) ? [input.value, true] : [state, false];
      case 'increment': {
        const sum = (typeof state === 'number' ? state : 0) + input.by;
        return [sum, sum];
      }
      default:
        return input satisfies never;
    }
  },
});

export type CounterInput = { readonly type: 'read' } | { readonly type: 'add'; readonly by: number };

/** A number; `add` answers nothing. */
export const counter: SequentialModel<number, CounterInput, number> = deterministic({
  name: 'counter',
  init: () => 0,
  changesNothing: ({ type }: CounterInput) => type === 'read',
  run(state: number, input: CounterInput) {
    return input.type === 'read' ? [state, state] : [state + input.by, undefined];
  },
});

export type QueueInput = { readonly type: 'enqueue'; readonly value: Value } | { readonly type: 'dequeue' };

/** First in, first out; `dequeue` answers null when there is nothing. */
export const queue: SequentialModel<readonly Value[], QueueInput, Value> = deterministic({
  name: 'queue',
  init: () => [],
  changesNothing: ({ type }: QueueInput, output: Value) => type === 'dequeue' && output === null,
  decide: decideQueue,
  run(state: readonly Value[], input: QueueInput) {
    if (input.type === 'enqueue') return [[...state, input.value], undefined];
    return state.length === 0 ? [state, null] : [state.slice(1), state[0]];
  },
});

export type LockInput = { readonly type: 'acquire' | 'release'; readonly owner: string };

/** Held by one owner at a time; both operations answer whether they had their effect. */
export const lock: SequentialModel<string | null, LockInput, boolean> = {
  name: 'lock',
  init: () => null,
  changesNothing: (_input, output) => output === false,
  apply(state, { type, owner }, output) {
    const succeeds = type === 'acquire' ? state === null : state === owner;
    if (output !== UNKNOWN && output !== succeeds) return ILLEGAL;
    if (!succeeds) return state;
    return type === 'acquire' ? owner : null;
  },
};

/** A refused compare-and-set, or the deletion of nothing, changed nothing; of one that succeeded that is not certain. */
function isReadOrRefusal({ type }: { readonly type: string }, output: Value): boolean {
  return type === 'read' || type === 'get' || (output === false && (type === 'compareAndSet' || type === 'delete'));
}

function mightLeave(input: KeyValueInput, value: Value): boolean {
  switch (input.type) {
    case 'get':
      return false;
    case 'put':
    case 'compareAndSet':
      return equal(input.value, value);
    case 'delete':
      return value === null;
    case 'increment':
      return typeof value === 'number';
    default:
      return input satisfies never;
  }
}

function effectOf(input: CasRegisterInput | KeyValueInput, output: Value): Effect {
  switch (input.type) {
    case 'read':
    case 'get':
      return output === UNKNOWN ? {} : { sees: output };
    case 'write':
    case 'put':
      return { writes: input.value };
    case 'delete':
      return output === false ? { sees: null } : { writes: null };
    case 'compareAndSet':
      if (output === UNKNOWN) return { writes: input.value };
      return output === true ? { sees: input.expected, writes: input.value } : {};
    case 'increment':
      return { writes: output === UNKNOWN ? ANY : output };
    default:
      return input satisfies never;
  }
}
