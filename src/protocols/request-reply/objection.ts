import { type AfterCrash, type Agreement, duplicateLifetimeMs } from './agreement.ts';

const AFTER_CRASH: readonly string[] = ['nothing', 'persisted', 'silence', 'incarnations'] satisfies AfterCrash[];
/** A client computes the span of its retries for each copy, which takes a step for each try. */
const TRIES_MAX = 1_000;
/** Of a try, of a propagation, and of a duplicate's life, for which a server remembers each call. */
const DAY_MS = 24 * 60 * 60 * 1_000;

type Field = readonly [name: string, value: unknown, allowed: string, isAllowed: boolean];

/** What is wrong with an agreement, naming the field, what it may be and what it is; null if both sides can keep it. */
export function objectionToAgreement(agreement: Agreement): string | null {
  for (const [name, value, allowed, isAllowed] of fieldsOf(agreement)) {
    if (!isAllowed) return `agreement.${name} is ${allowed}: got ${value}`;
  }
  const lifetimeMs = duplicateLifetimeMs(agreement);
  if (lifetimeMs <= DAY_MS) return null;
  const remedy = 'agree on fewer retry.tries, a shorter retry.timeoutMsMax or a shorter propagationMsMax';
  return `by the agreement a call is remembered for ${Math.ceil(lifetimeMs)} ms, of at most ${DAY_MS}: ${remedy}`;
}

function fieldsOf({ retry, propagationMsMax, driftMax, afterCrash }: Agreement): Field[] {
  const { tries, firstTimeoutMs, backoff, timeoutMsMax, jitter } = retry;
  const whole = `a whole number from 1 to ${TRIES_MAX} (who wants more asks for atLeastOnce or exactlyOnce)`;
  const time = `more than 0 and at most ${DAY_MS} ms`;
  return [
    ['retry.tries', tries, whole, Number.isInteger(tries) && isWithin(tries, 1, TRIES_MAX)],
    ['retry.firstTimeoutMs', firstTimeoutMs, time, isTime(firstTimeoutMs)],
    ['retry.backoff', backoff, 'a finite number from 1', isWithin(backoff, 1, Number.MAX_VALUE)],
    ['retry.timeoutMsMax', timeoutMsMax, time, isTime(timeoutMsMax)],
    ['retry.jitter', jitter, 'a number from 0 and less than 1', isWithin(jitter, 0, 1) && jitter < 1],
    ['propagationMsMax', propagationMsMax, time, isTime(propagationMsMax)],
    ['driftMax', driftMax, 'a number from 0 and less than 0.5', isWithin(driftMax, 0, 0.5) && driftMax < 0.5],
    ['afterCrash', afterCrash, `one of ${AFTER_CRASH.join(', ')}`, AFTER_CRASH.includes(afterCrash)],
  ];
}

function isTime(ms: number): boolean {
  return isWithin(ms, 0, DAY_MS) && ms > 0;
}

/** Untyped callers give what is no number. */
function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max;
}
