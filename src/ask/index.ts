/**
 * The answer machine: given a program, a semantics and what may go wrong, which values can its reads return? Every
 * execution of the product's own request-reply client and server is searched by the checker; nothing is written down.
 */
export { answer, isComplete } from './answer.ts';
export type { Question } from './question.ts';
export { QuestionError } from './reading/fields.ts';
export { readQuestion } from './reading/read-question.ts';
export { reportOfAnswer } from './telling/report.ts';
export { tellAnswer } from './telling/tell.ts';
