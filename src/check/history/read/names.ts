import { print } from '../../../kernel/index.ts';
import { type Form, hasFields } from './form.ts';

/** Clients and functions are called by text, whatever they are. */
export function nameOf(value: unknown): string {
  return typeof value === 'string' ? value : print(value);
}

/** Keys too, but by the same text only if they are the same: 1 is called `1`, and the text 1 is `"1"`. */
export function keyNameOf(key: unknown): string {
  return typeof key === 'string' && !READS_AS_ANOTHER.test(key) ? key : print(key);
}

/** What numbers, constants, quoted text and collections print as. */
const READS_AS_ANOTHER = /^-?\d[\d.]*(e[+-]?\d+)?n?$|^(-?Infinity|NaN|null|true|false|undefined)$|^(Set |Map )?[["{]/;

/** A keyword of EDN as a name. */
export function withoutColon(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(':') ? value.slice(1) : value;
}

/** A form of EDN with its fields, and what in them is a name by its meaning, as JSON has them: without colons. */
export function withPlainNames({ line, value }: Form): Form {
  const fields = withNames(value, ['type', 'process', 'f', 'client', 'outcome']);
  return {
    line,
    value:
      hasFields<'input'>(fields) && 'input' in fields
        ? { ...fields, input: withNames(fields.input, ['type']) }
        : fields,
  };
}

function withNames(value: unknown, names: readonly string[]): unknown {
  if (!hasFields(value)) return value;
  const fields = Object.entries(value).map(([keyword, field]): [unknown, unknown] => {
    const name = `${withoutColon(keyword)}`;
    return [name, names.includes(name) ? withoutColon(field) : field];
  });
  return Object.fromEntries(fields);
}
