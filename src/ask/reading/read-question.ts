import { readGenerals } from '../generals/question.ts';
import type { Question } from '../question.ts';
import { readCalls } from './calls.ts';
import { Fields } from './fields.ts';
import { parseJson } from './json.ts';

/** Reads a question from the text of its file. */
export function readQuestion(text: string): Question {
  const fields = new Fields(parseJson(text), '');
  const asks = fields.oneOf('asks', ['values', 'outcomes', 'generals']) ?? 'values';
  const question = asks === 'generals' ? readGenerals(fields) : readCalls(fields, asks);
  fields.end();
  return question;
}
