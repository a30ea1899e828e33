import { readGenerals } from '../generals/question.ts';
import type { Question } from '../question.ts';
import { readCalls } from './calls.ts';
import { choiceOf, Fields, QuestionError } from './fields.ts';

/** Reads a question from the text of its file. */
export function readQuestion(text: string): Question {
  const fields = new Fields(parsed(text), '');
  const asks = choiceOf(fields.get('asks') ?? 'values', ['values', 'outcomes', 'generals'], 'asks');
  const question = asks === 'generals' ? readGenerals(fields) : readCalls(fields, asks);
  fields.end();
  return question;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new QuestionError('', `is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}
