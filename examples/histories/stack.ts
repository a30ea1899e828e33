/** Last in, first out; `pop` answers null when there is nothing: a model for `coterie verify --model`. */
type Input = { readonly type: 'push'; readonly value: unknown } | { readonly type: 'pop' };

export const model = {
  name: 'stack',
  init: (): readonly unknown[] => [],
  /** The state after an operation, and its answer; an answer of undefined says nothing that could be wrong. */
  run(stack: readonly unknown[], input: Input): readonly [state: readonly unknown[], answer: unknown] {
    return input.type === 'push' ? [[...stack, input.value], undefined] : [stack.slice(0, -1), stack.at(-1) ?? null];
  },
};
