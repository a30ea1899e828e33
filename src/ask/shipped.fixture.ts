import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { answerCalls, type CallsAnswer } from './calls/answer.ts';
import type { ServerMaker } from './calls/model.ts';
import type { CallsQuestion, Question } from './question.ts';
import { readQuestion } from './reading/read-question.ts';
import { tellObserved } from './telling/words.ts';

export function shipped(name: string): Question {
  return readQuestion(readFileSync(new URL(`../../questions/${name}.json`, import.meta.url), 'utf8'));
}

export function shippedCalls(name: string): CallsQuestion {
  const question = shipped(name);
  assert.ok(question.type === 'calls');
  return question;
}

/** The answer without its reasons; the search must not be cut. */
export function answered(question: CallsQuestion, serverOf?: ServerMaker): CallsAnswer {
  const options = { statesMax: 500_000, explains: false, ...(serverOf && { serverOf }) };
  const found = answerCalls(question, options);
  assert.deepEqual(found.cuts, []);
  return found;
}

/** What can be observed, as text. */
export function possible(question: CallsQuestion, serverOf?: ServerMaker): string[] {
  return answered(question, serverOf).possible.map(({ observed }) => tellObserved(observed));
}

type Changes = Partial<Omit<CallsQuestion, 'server' | 'network'>> & {
  readonly server?: Partial<CallsQuestion['server']>;
  readonly network?: Partial<CallsQuestion['network']>;
};

/** A question with something else in it. */
export function changed(question: CallsQuestion, { server, network, ...rest }: Changes): CallsQuestion {
  return {
    ...question,
    ...rest,
    server: { ...question.server, ...server },
    network: { ...question.network, ...network },
  };
}
