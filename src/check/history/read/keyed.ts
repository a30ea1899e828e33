import { describeOperation } from '../describe-operation.ts';
import type { SequentialModel } from '../sequential-model.ts';

export interface KeyedInput<I> {
  readonly key: string;
  readonly input: I;
}

/** Many objects of one model, each with a key. */
export function keyed<S, I, O>(model: SequentialModel<S, I, O>): SequentialModel<S, KeyedInput<I>, O> {
  const { name, init, equal, hash } = model;
  return {
    name,
    init,
    ...(equal === undefined ? {} : { equal }),
    ...(hash === undefined ? {} : { hash }),
    apply: (state, { input }, output) => model.apply(state, input, output),
    changesNothing: ({ input }, output) => model.changesNothing?.(input, output) ?? false,
    mightEnable: ({ input }, other, output) => model.mightEnable?.(input, other.input, output) ?? true,
    decide: (operations) =>
      model.decide?.(operations.map((operation) => ({ ...operation, input: operation.input.input }))) ?? null,
    partition: ({ key }) => key,
    describe: (operation) =>
      `${operation.input.key}: ${describeOperation({ ...operation, input: operation.input.input })}`,
  };
}
