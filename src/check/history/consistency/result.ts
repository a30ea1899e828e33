import type { Operation } from '../history.ts';

export type ConsistencyModel =
  | 'sequential'
  | 'causal'
  | 'causal-convergence'
  | 'weak-causal'
  | 'read-your-writes'
  | 'monotonic-reads'
  | 'monotonic-writes'
  | 'writes-follow-reads';

/**
 * - `holds`: what clients saw can be explained by the model.
 * - `violated`: it cannot; `story` tells why, a line a step, about `operations`.
 * - `unknown`: it was not found out, for the reason given.
 */
export type ConsistencyResult = { readonly model: ConsistencyModel } & (
  | { readonly verdict: 'holds' }
  | {
      readonly verdict: 'violated';
      /** What the literature calls what was found. */
      readonly pattern: string;
      readonly operations: readonly Operation<unknown, unknown>[];
      readonly story: readonly string[];
    }
  | { readonly verdict: 'unknown'; readonly reason: string }
);

/** Tells the result to a person. */
export function describeConsistency(result: ConsistencyResult): string {
  const name = NAMES[result.model];
  switch (result.verdict) {
    case 'holds':
      return `${name} holds`;
    case 'unknown':
      return `unknown whether ${name} holds: ${result.reason}`;
    case 'violated':
      return [`${name} is violated (${result.pattern}):`, ...result.story.map((line) => `  ${line}`)].join('\n');
    default:
      return result satisfies never;
  }
}

const NAMES: Readonly<Record<ConsistencyModel, string>> = {
  sequential: 'sequential consistency',
  causal: 'causal consistency',
  'causal-convergence': 'causal convergence',
  'weak-causal': 'weak causal consistency',
  'read-your-writes': 'read your writes',
  'monotonic-reads': 'monotonic reads',
  'monotonic-writes': 'monotonic writes',
  'writes-follow-reads': 'writes follow reads',
};
