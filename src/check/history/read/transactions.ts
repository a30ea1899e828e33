import { equal, print } from '../../../kernel/index.ts';
import { HistoryError } from '../history-error.ts';
import type { MicroOperation, Transaction } from '../isolation/index.ts';
import type { Call } from './call.ts';
import { keyNameOf, withoutColon } from './names.ts';

export const TRANSACTION_MODELS = ['list-append', 'rw-register'] as const;
export type TransactionModel = (typeof TRANSACTION_MODELS)[number];

/** What was called, as transactions: each value is a list of `[append key value]`, `[w key value]` and `[r key seen]`. */
export function transactionHistory(calls: readonly Call[], model: TransactionModel): Transaction[] {
  return calls.map((call) => {
    const { client, invokeAt, completeAt, outcome } = call;
    const isKnown = outcome === 'ok';
    if (isKnown) refuseOther(call);
    const operations = listOf(call, isKnown ? call.answer : call.value).map((micro) =>
      microOperation(call, micro, model, isKnown),
    );
    return { client, invokeAt, completeAt, outcome: OUTCOMES[outcome], operations };
  });
}

const OUTCOMES = { ok: 'committed', failed: 'aborted', unknown: 'unknown' } as const;

function listOf({ line, f }: Call, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const what = `${f} has the value ${print(value)}`;
  throw new HistoryError('malformed', `line ${line}: ${what}: a transaction is a list as [[append x 1] [r y nil]]`);
}

/** What ends is what began, but for what was read; a transaction may also be told only when it ends. */
function refuseOther({ line, endLine, value, answer }: Call): void {
  if (!Array.isArray(value) || value.length === 0 || !Array.isArray(answer)) return;
  const isSame = (micro: unknown, index: number): boolean => {
    const end: unknown = answer[index];
    if (!Array.isArray(micro) || !Array.isArray(end)) return false;
    const f = withoutColon(micro[0]);
    const isRead = f === 'r' || f === 'read';
    return equal(micro.slice(0, isRead ? 2 : 3), end.slice(0, isRead ? 2 : 3));
  };
  if (answer.length === value.length && value.every(isSame)) return;
  const what = `it ends ${print(answer)}, and began ${print(value)}, at line ${line}`;
  throw new HistoryError('malformed', `line ${endLine ?? line}: ${what}: both do the same, but for what was read`);
}

function microOperation({ line }: Call, micro: unknown, model: TransactionModel, isKnown: boolean): MicroOperation {
  const isLists = model === 'list-append';
  const [f, key, value] = Array.isArray(micro) ? micro : [];
  const name = keyNameOf(key);
  switch (withoutColon(f)) {
    case 'r':
    case 'read':
      if (isKnown && value === undefined) {
        const what = `${print(micro)} of a transaction that was answered has no value: say what it read, if only null`;
        throw new HistoryError('malformed', `line ${line}: ${what}`);
      }
      return { type: 'read', key: name, value: isKnown ? value : undefined };
    case 'append':
      if (isLists) return { type: 'append', key: name, value };
      break;
    case 'w':
    case 'write':
      if (!isLists) return { type: 'write', key: name, value };
      break;
  }
  const expected = isLists ? '[append key value] or [r key list]' : '[w key value] or [r key value]';
  throw new HistoryError('malformed', `line ${line}: ${print(micro)} in a transaction: expected ${expected}`);
}
