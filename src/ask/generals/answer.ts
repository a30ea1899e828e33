import { listed } from '../words.ts';
import { chainOf, type Link } from './chain.ts';
import { type Protocols, protocolsOf } from './protocols.ts';
import type { GeneralsQuestion } from './question.ts';
import { executionsOf, type General, type Schedule, type SeenExecution, schedulesOf } from './views.ts';

/** A protocol in which the generals always decide alike, and attack if ordered and nothing is lost, and only if ordered. */
export interface ExampleProtocol {
  readonly schedule: Schedule;
  /** The losses with which they do not attack although A is ordered to. */
  readonly exceptions: readonly string[];
}

export interface GeneralsAnswer {
  readonly type: 'generals';
  readonly question: GeneralsQuestion;
  /** Whether there is a protocol that always agrees and is of use. */
  readonly isPossible: boolean;
  readonly schedules: number;
  readonly executions: number;
  readonly protocols: bigint;
  /** Of those, in how many the generals decide alike in every execution. */
  readonly agreeing: bigint;
  /** Of those, how many attack if ordered and nothing is lost, and never without an order. */
  readonly useful: bigint;
  readonly example: ExampleProtocol | null;
  /** Why there is none: a step a line. */
  readonly chain: readonly string[];
  /** With so many losses at most, there is one; null if with none either, or if there is one as it is. */
  readonly possibleWithLosses: number | null;
}

/** Counts, for every schedule of that many messages, all protocols, those that always agree, and those of use. */
export function answerGenerals(question: GeneralsQuestion): GeneralsAnswer {
  const { messages, lossesMax } = question;
  const counts = { protocols: 0n, agreeing: 0n, useful: 0n, executions: 0 };
  let example: ExampleProtocol | null = null;
  const schedules = schedulesOf(messages);
  for (const schedule of schedules) {
    const executions = executionsOf(schedule, lossesMax);
    const protocols = protocolsOf(executions);
    const { views, groups, free } = protocols;
    counts.executions += executions.length;
    counts.protocols += 2n ** BigInt(views);
    counts.agreeing += 2n ** BigInt(groups);
    if (free === null) continue;
    counts.useful += 2n ** BigInt(free);
    const exceptions = exceptionsOf(executions, protocols);
    if (example === null || exceptions.length < example.exceptions.length) example = { schedule, exceptions };
  }
  const isPossible = example !== null;
  return {
    type: 'generals',
    question,
    isPossible,
    schedules: schedules.length,
    ...counts,
    example,
    chain: isPossible ? [] : tellChain(alternating(messages), lossesMax),
    possibleWithLosses: isPossible ? null : mostLosses(question),
  };
}

function alternating(messages: number): Schedule {
  return Array.from({ length: messages }, (_, index): General => (index % 2 === 0 ? 'A' : 'B'));
}

function mostLosses({ messages, lossesMax }: GeneralsQuestion): number | null {
  for (let losses = lossesMax - 1; losses >= 0; losses -= 1) {
    const isPossible = schedulesOf(messages).some((schedule) => {
      return protocolsOf(executionsOf(schedule, losses)).free !== null;
    });
    if (isPossible) return losses;
  }
  return null;
}

/** The losses with which they do not attack, though ordered. */
function exceptionsOf(executions: readonly SeenExecution[], { attacks }: Protocols): string[] {
  const staying = executions.filter(({ ordered, views }) => ordered && !attacks('A', views.A));
  return staying.map((execution) => listOf(lostIn(execution)));
}

function lostIn({ arrived }: SeenExecution): number[] {
  return [...arrived.keys()].filter((at) => arrived[at] === false).map((at) => at + 1);
}

function tellChain(schedule: Schedule, lossesMax: number): string[] {
  const links = chainOf(executionsOf(schedule, lossesMax));
  return links === null ? [] : links.map(tellLink);
}

function tellLink({ execution, same }: Link): string {
  const { ordered } = execution;
  const lost = lostIn(execution);
  const what = lost.length === 0 ? 'every message arrives' : `${listOf(lost)} ${lost.length === 1 ? 'is' : 'are'} lost`;
  const given = `${ordered ? 'Ordered' : 'Not ordered'}, and ${what}`;
  if (same === null) return `${given}: both have to attack.`;
  const conclusion = ordered
    ? `so ${same} attacks here too, and the other with it`
    : `so ${same} attacks, without an order`;
  return `${given}: ${same} sees what it saw before, ${conclusion}.`;
}

function listOf(numbers: readonly number[]): string {
  if (numbers.length === 0) return 'no message';
  return `${numbers.length === 1 ? 'message' : 'messages'} ${listed(numbers.map(String), 'and')}`;
}
