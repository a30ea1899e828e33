import type { GeneralsAnswer } from '../generals/answer.ts';
import { listed } from '../words.ts';
import { tellSteps } from './steps.ts';
import { wrapped } from './words.ts';

export function tellGenerals(answer: GeneralsAnswer): string {
  const { question, isPossible, schedules, executions, protocols, agreeing, useful } = answer;
  const { messages, lossesMax } = question;
  const losses = lossesMax === messages ? 'any of which may be lost' : `of which at most ${lossesMax} may be lost`;
  const parts = [
    wrapped(question.title),
    wrapped(
      `General A may have been ordered to attack. The generals send ${count(messages, 'message')}, one after the other, ${losses}; each says all that its sender knows, and a general notices when one does not come. A protocol is any function from what a general has seen to what it does: no other deterministic one can do more.`,
    ),
    wrapped(tellVerdict(answer)),
    [
      `  ${count(schedules, 'schedule')} of who sends which message, ${count(executions, 'execution')} in all`,
      `  ${rounded(protocols)} protocols`,
      `  ${rounded(agreeing)} in which the generals decide alike in every execution`,
      `  ${rounded(useful)} of these attack if ordered and nothing is lost, and never without an order`,
    ].join('\n'),
  ];
  if (isPossible) parts.push(...tellExample(answer));
  else parts.push(...tellChain(answer));
  return `${parts.join('\n\n')}\n`;
}

function tellVerdict({ isPossible, agreeing, schedules }: GeneralsAnswer): string {
  if (isPossible) return 'ANSWER: yes, there is a protocol in which they always decide alike, and heed the order.';
  if (agreeing === 2n * BigInt(schedules)) {
    return 'ANSWER: no. The only protocols in which they always decide alike are the two that heed neither the order nor any message: always attack, and never attack.';
  }
  return 'ANSWER: no. No protocol in which they always decide alike heeds the order.';
}

function tellExample({ example }: GeneralsAnswer): string[] {
  if (example === null) return [];
  const { schedule, exceptions } = example;
  const senders = schedule.map((sender, index) => `${sender} sends message ${index + 1}`);
  const unless =
    exceptions.length === 0 ? ', whatever is lost' : `, unless what is lost is ${listed(exceptions, 'or')}`;
  return [wrapped(`For example, ${listed(senders, 'and')}, and both attack if and only if A is ordered to${unless}.`)];
}

function tellChain({ chain, possibleWithLosses }: GeneralsAnswer): string[] {
  const parts: string[] = [];
  if (chain.length > 0) {
    parts.push(`Why, if they take turns and A begins:\n\n${tellSteps(chain, '')}`);
    parts.push('So whoever attacks when all goes well attacks without an order too.');
  }
  if (possibleWithLosses !== null) {
    parts.push(`It would be possible, if at most ${count(possibleWithLosses, 'message')} could be lost.`);
  }
  return parts;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function rounded(number: bigint): string {
  const digits = String(number);
  return digits.length <= 15 ? digits : `about 10^${digits.length - 1}`;
}
