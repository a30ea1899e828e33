import { type Fields, QuestionError } from '../reading/fields.ts';

/** Two generals over a channel that loses: can they agree to attack? */
export interface GeneralsQuestion {
  readonly type: 'generals';
  readonly title: string;
  /** Sent in all, one after the other. */
  readonly messages: number;
  /** How many of them can be lost. */
  readonly lossesMax: number;
}

export const MESSAGES_MAX = 7;

export function readGenerals(fields: Fields): GeneralsQuestion {
  const title = fields.text('title') ?? 'Two generals';
  const messages = fields.number('messages', { min: 0, max: MESSAGES_MAX });
  if (messages === undefined) throw new QuestionError('messages', `is missing: write how many are sent in all`);
  const lossesMax = fields.number('lossesMax', { min: 0, max: messages }) ?? messages;
  return { type: 'generals', title, messages, lossesMax };
}
