import type { Operation } from '../history.ts';
import { HistoryError } from '../history-error.ts';
import type { Call } from './call.ts';
import { readEdn } from './edn.ts';
import { callsOfEvents, isEvent } from './events.ts';
import { inOneOrder } from './in-one-order.ts';
import { readJsonLines } from './json-lines.ts';
import { withPlainNames } from './names.ts';
import { callsOfOperations } from './whole-operations.ts';

/**
 * Reads a history: JSON lines or EDN, of events that begin and end operations, or of whole operations. Which it is can
 * be seen from the text. Throws `HistoryError`, which names the line.
 */
export function readHistory(text: string): Call[] {
  const read = /^\s*[{[]\s*(\{\s*)?"/.test(text) ? readJsonLines(text) : readEdn(text).map(withPlainNames);
  const forms = read.map(({ line, value }) => ({ line, value: inOneOrder(value) }));
  const [first] = forms;
  if (first === undefined) throw new HistoryError('malformed', 'there is no operation in it');
  return isEvent(first.value) ? callsOfEvents(forms) : callsOfOperations(forms);
}

/** As lines of JSON, a whole operation each, which `readHistory` reads. */
export function formatHistory(operations: readonly Operation[]): string {
  return operations
    .map(({ client, invokeAt, completeAt, input, output }) =>
      JSON.stringify({ client, invokeAt, completeAt, input, output }),
    )
    .map((line) => `${line}\n`)
    .join('');
}
