import { print } from '../../kernel/index.ts';
import type { Operation } from './history.ts';

/** `put x = 3`, `compareAndSet x from 1 to 2 -> false`, `dequeue, outcome unknown`: an operation on one line. */
export function describeOperation({ input, output, completeAt }: Operation): string {
  const asked = describeInput(input);
  if (completeAt === null) return `${asked}, outcome unknown`;
  return output === undefined ? asked : `${asked} -> ${print(output)}`;
}

function describeInput(input: unknown): string {
  if (typeof input !== 'object' || input === null || !('type' in input) || typeof input.type !== 'string') {
    return print(input);
  }
  const { type, key, ...fields } = input as { readonly type: string; readonly key?: unknown };
  const what = key === undefined ? type : `${type} ${typeof key === 'string' ? key : print(key)}`;
  const { value, expected, ...rest } = fields as { readonly value?: unknown; readonly expected?: unknown };
  const others = Object.entries(rest).map(([name, field]) => ` ${name} ${print(field)}`);
  if (expected !== undefined) return `${what} from ${print(expected)} to ${print(value)}${others.join('')}`;
  if (value === undefined) return `${what}${others.join('')}`;
  return `${what} ${key === undefined ? '' : '= '}${print(value)}${others.join('')}`;
}
