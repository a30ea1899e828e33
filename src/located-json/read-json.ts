import { evaluate, parse, type ValueNode } from '@humanwhocodes/momoa';
import { type Refuse, refuseAt, tokensOf } from './tokens.ts';

/** A value from a text, and the line on which each part of it begins, by its path: `faults[2].atMs`. */
export interface LocatedJson {
  readonly value: unknown;
  readonly lines: ReadonlyMap<string, number>;
}

/** What is wrong with a text, and where. */
export interface Fault {
  /** The part that it is about; undefined if the text is no JSON. */
  readonly path: string | undefined;
  readonly line: number;
  readonly column: number;
  readonly what: string;
}

const FORMAT = { mode: 'jsonc', allowTrailingCommas: true } as const;

/**
 * Reads JSON in which a person may write comments (`//` to the end of the line, or between slash-stars) and trailing
 * commas. What would change without a word is a fault too: a field that is written twice, and a number that JavaScript
 * does not hold exactly. Throws the error that `refusal` makes of a fault.
 */
export function readJson(file: string, refusal: (fault: Fault) => Error): LocatedJson {
  const text = file.replace(/^\ufeff/, '');
  const refuse: Refuse = (at, what, path) => {
    const lines = text.slice(0, at).split(/\r\n?|\n/);
    throw refusal({ path, line: lines.length, column: (lines.at(-1) ?? '').length + 1, what });
  };
  const body = parseText(text, refuse);
  return { value: evaluate(body), lines: linesOf(body, text, refuse) };
}

function parseText(text: string, refuse: Refuse): ValueNode {
  const tokens = tokensOf(text, refuse);
  try {
    return parse(text, FORMAT).body;
  } catch {
    return refuseAt(faultOffset(text), tokens, refuse);
  }
}

/** Of a text that ends too early, the parser does not say where; so something that can be nowhere is put behind it. */
function faultOffset(text: string): number {
  try {
    parse(`${text}\n!`, FORMAT);
  } catch (error) {
    if (error instanceof Error && 'offset' in error) return Number(error.offset);
  }
  return text.length;
}

/** The lines of all parts of a text's value. Refuses what would change without a word. */
function linesOf(body: ValueNode, text: string, refuse: Refuse): Map<string, number> {
  const lines = new Map<string, number>();
  const visit = (node: ValueNode, path: string): void => {
    const { start, end } = node.loc;
    lines.set(path, start.line);
    if (node.type === 'Array') {
      for (const [index, { value }] of node.elements.entries()) visit(value, `${path}[${index}]`);
    } else if (node.type === 'Object') {
      for (const { name, value } of node.members) {
        const at = pathOf(path, String(evaluate(name)));
        if (lines.has(at)) refuse(name.loc.start.offset, 'is written twice: keep one of them', at);
        visit(value, at);
      }
    } else if (node.type === 'Number' && !isExact(node.value)) {
      const written = text.slice(start.offset, end.offset);
      refuse(start.offset, `is a number that is too large: got ${written}; write it in quotes if it is a text`, path);
    }
  };
  visit(body, '');
  return lines;
}

function isExact(number: number): boolean {
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}

/** The path of a field, as in `program[1].reported`. */
export function pathOf(parent: string, name: string): string {
  if (!/^\w+$/.test(name)) return `${parent}[${JSON.stringify(name)}]`;
  return parent === '' ? name : `${parent}.${name}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
