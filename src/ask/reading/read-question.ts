import { type Fault, readJson } from '../../located-json/read-json.ts';
import { readGenerals } from '../generals/question.ts';
import type { Question } from '../question.ts';
import { readCalls } from './calls.ts';
import { Fields, QuestionError } from './fields.ts';

/** Reads a question from the text of its file. */
export function readQuestion(text: string): Question {
  const fields = new Fields(readJson(text, refusal).value, '');
  const asks = fields.oneOf('asks', ['values', 'outcomes', 'generals']) ?? 'values';
  const question = asks === 'generals' ? readGenerals(fields) : readCalls(fields, asks);
  fields.end();
  return question;
}

function refusal({ path, line, column, what }: Fault): QuestionError {
  const where = `line ${line}, column ${column}`;
  return path === undefined
    ? new QuestionError('', `is no JSON: ${where}: ${what}`)
    : new QuestionError(path, `(${where}) ${what}`);
}
