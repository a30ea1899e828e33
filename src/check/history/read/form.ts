/** One thing in a file, and the line at which it begins. */
export interface Form {
  readonly line: number;
  readonly value: unknown;
}

/** An object of which nothing is known but which fields are of interest. */
export type Fields<Name extends string> = { readonly [Field in Name]?: unknown };

export function hasFields<Name extends string>(value: unknown): value is Fields<Name> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}
