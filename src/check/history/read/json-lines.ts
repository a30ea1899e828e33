import { HistoryError } from '../history-error.ts';
import type { Form } from './form.ts';

/** Reads a JSON object a line; empty lines are left out. */
export function readJsonLines(text: string): Form[] {
  return text.split('\n').flatMap((source, index) => {
    const line = index + 1;
    return source.trim() === '' ? [] : [{ line, value: parse(source, line) }];
  });
}

function parse(source: string, line: number): unknown {
  try {
    return JSON.parse(source, (_key, value: unknown, { source: written = '' }: { readonly source?: string } = {}) => {
      if (typeof value === 'number' && /^-?\d{16,}$/.test(written) && String(value) !== written) {
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
