import type { Answer } from '../answer.ts';
import { tellCalls } from './calls.ts';
import { tellGenerals } from './generals.ts';

/** An answer as a person reads it; `why` tells also the executions that would make possible what is not. */
export function tellAnswer(answer: Answer, { why }: { readonly why: boolean }): string {
  switch (answer.type) {
    case 'calls':
      return tellCalls(answer, why);
    case 'generals':
      return tellGenerals(answer);
    default:
      return answer satisfies never;
  }
}
