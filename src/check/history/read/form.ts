import { HistoryError } from '../history-error.ts';

/** One thing in a file, and the line at which it begins. */
export interface Form {
  readonly line: number;
  readonly value: unknown;
}

/** What a line of Jepsen's may have besides, and no check looks at. */
export const FIELDS_BESIDES: readonly string[] = [
  'index',
  'error',
  'exception',
  'link',
  'node',
  'debug',
  'final?',
  'clock-offsets',
];

/** A field that is misspelt would be one that is missing: so what is not known is refused. */
export function refuseUnknownFields(value: object, line: number, known: readonly string[], what: string): void {
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const advice = `${what} has ${known.join(', ')}`;
  throw new HistoryError('malformed', `line ${line}: unknown field ${unknown}: ${advice}`);
}

/** An object of which nothing is known but which fields are of interest. */
export type Fields<Name extends string> = { readonly [Field in Name]?: unknown };

export function hasFields<Name extends string>(value: unknown): value is Fields<Name> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !(value instanceof Set)
  );
}
