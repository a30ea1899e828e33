import type { Answer } from '../answer.ts';
import type { CallsAnswer } from '../calls/answer.ts';
import { valueIn } from './words.ts';

/** An answer as plain data, for programs to read. */
export function reportOfAnswer(answer: Answer): Record<string, unknown> {
  switch (answer.type) {
    case 'calls':
      return reportOfCalls(answer);
    case 'generals': {
      const { question, type: _, ...rest } = answer;
      return { question, complete: true, ...rest };
    }
    default:
      return answer satisfies never;
  }
}

function reportOfCalls({
  question,
  possible,
  excluded,
  contradictions,
  cuts,
  states,
}: CallsAnswer): Record<string, unknown> {
  return {
    question,
    complete: cuts.length === 0,
    states,
    cuts,
    possible: possible.map(({ observed, execution }) => ({ observed: observed.map(toData), execution })),
    contradictions,
    impossible: excluded?.map(({ observed, ...rest }) => ({ observed: observed.map(toData), ...rest })) ?? null,
  };
}

function toData(observed: string): Record<string, string> {
  const value = valueIn(observed);
  return value === null ? { report: observed === 'no key' ? 'noKey' : observed } : { value };
}
