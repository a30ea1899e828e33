import { HistoryError } from '../history-error.ts';
import type { Form } from './form.ts';

/** Reads a JSON object a line; empty lines are left out. */
export function readJsonLines(text: string): Form[] {
  return text.split('\n').flatMap((source, index) => {
    const line = index + 1;
    return source.trim() === '' ? [] : [{ line, value: parse(source, line) }];
  });
}

/** Which are nanoseconds since 1970 at times. */
const TIMES = new Set(['time', 'invokeAt', 'completeAt']);

function parse(source: string, line: number): unknown {
  try {
    return JSON.parse(source, (name, value: unknown, { source: written = '' }: { readonly source?: string } = {}) => {
      const isLong = typeof value === 'number' && /^-?\d{16,}$/.test(written) && !Number.isSafeInteger(value);
      if (isLong && TIMES.has(name)) return BigInt(written);
      if (isLong && String(value) !== written) {
        throw new HistoryError(
          'malformed',
          `line ${line}: ${written} is more than JavaScript holds exactly: write it as a string`,
        );
      }
      return value;
    });
  } catch (error) {
    if (error instanceof HistoryError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const what = `line ${line}: not a JSON value (${why}): each line is one JSON object`;
    throw new HistoryError('malformed', what);
  }
}
