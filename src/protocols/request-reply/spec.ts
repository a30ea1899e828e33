import type { Outcome } from './client.ts';
import { isFiltered, type Semantics } from './messages.ts';

/** What an observer knows of one call. */
export interface Observation {
  readonly semantics: Semantics;
  /** How many times its execution was begun. */
  readonly executions: number;
  readonly outcome: Outcome | null;
}

/** What an observer knows of all calls, by any name that tells them apart; plain data, and part of a checked state. */
export type Ledger = Readonly<Record<string, Observation>>;

/** Says what is wrong with a ledger; null if nothing is. */
export type LedgerInvariant = (ledger: Ledger) => string | null;

function each(wrong: (call: Observation) => string | null): LedgerInvariant {
  return (ledger) => {
    for (const [name, call] of Object.entries(ledger)) {
      const reason = wrong(call);
      if (reason !== null) return `call ${name} ${reason}`;
    }
    return null;
  };
}

/** What is said of one copy only is no news of the others. */
function notExecuted(told: string, executions: number, isFinal: boolean): string | null {
  return isFinal && executions > 0 ? `is said to be ${told}, and was executed ${times(executions)}` : null;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** What the outcomes promise, whatever the semantics. */
export const truthfulOutcomes: LedgerInvariant = each(({ executions, outcome }) => {
  if (outcome === null) return null;
  switch (outcome.type) {
    case 'answered':
      if (outcome.result.type === 'interrupted') return null; // which says that nobody knows
      if (outcome.result.type === 'unavailable') return notExecuted('unavailable', executions, outcome.final);
      return executions === 0 ? 'is answered, and was never executed' : null;
    case 'unreachable':
      return executions > 0 ? `is said to be unreachable, and was executed ${times(executions)}` : null;
    case 'refused':
      return notExecuted('refused', executions, outcome.final);
    case 'unknownOutcome':
      return null;
    default:
      return outcome satisfies never;
  }
});

/** No call that is filtered is executed twice. */
export const atMostOnce: LedgerInvariant = each(({ semantics, executions }) =>
  isFiltered(semantics) && executions > 1 ? `was executed ${times(executions)}` : null,
);

export const requestReplySpec: Readonly<Record<string, LedgerInvariant>> = { atMostOnce, truthfulOutcomes };

const UNSEEN: Observation = { semantics: 'atMostOnce', executions: 0, outcome: null };

/** The ledger after one more observation of a call. */
export function observe(ledger: Ledger, name: string, change: (seen: Observation) => Partial<Observation>): Ledger {
  const seen = ledger[name] ?? UNSEEN;
  return { ...ledger, [name]: { ...seen, ...change(seen) } };
}
