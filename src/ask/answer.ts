import { answerCalls, type CallsAnswer } from './calls/answer.ts';
import type { AskOptions } from './calls/search.ts';
import { answerGenerals, type GeneralsAnswer } from './generals/answer.ts';
import type { Question } from './question.ts';

export type Answer = CallsAnswer | GeneralsAnswer;

export function answer(question: Question, options: AskOptions): Answer {
  switch (question.type) {
    case 'calls':
      return answerCalls(question, options);
    case 'generals':
      return answerGenerals(question);
    default:
      return question satisfies never;
  }
}

/** Whether everything was searched. */
export function isComplete(given: Answer): boolean {
  return given.type === 'generals' || given.cuts.length === 0;
}
