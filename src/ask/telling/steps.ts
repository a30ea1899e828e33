import { wrapped } from './words.ts';

/** A block of steps that comes again and again, but for its numbers, is told once if it comes so often. */
const REPEATS_MIN = 3;
const BLOCK_MAX = 4;

/** A beginning that two executions share is told once if it is so long. */
const SHARED_MIN = 4;

/** An execution as a numbered list; what repeats itself, or was told of the one before, is told once. */
export function tellSteps(steps: readonly string[], indent: string, before: readonly string[] = []): string {
  const lines: string[] = [];
  const same = steps.findIndex((step, index) => step !== before[index]);
  const shared = same < SHARED_MIN ? 0 : same;
  if (shared > 0) lines.push(`${indent}     … steps 1 to ${shared}: as before`);
  for (let at = shared; at < steps.length; ) {
    const { length, repeats } = repetitionAt(steps, at);
    for (let index = at; index < at + length; index += 1) lines.push(line(index, steps[index] ?? '', indent));
    at += length;
    if (repeats < REPEATS_MIN) continue;
    const last = at + length * (repeats - 1);
    const what = length === 1 ? 'the same again' : `the same ${length} steps again`;
    const range = last - at === 1 ? `step ${last}` : `steps ${at + 1} to ${last}`;
    lines.push(`${indent}     … ${range}: ${what}, ${repeats - 1} times, ending with:`);
    lines.push(line(last - 1, steps[last - 1] ?? '', indent));
    at = last;
  }
  return lines.join('\n');
}

function line(index: number, step: string, indent: string): string {
  const number = `${indent}${String(index + 1).padStart(3)}. `;
  return `${number}${wrapped(step, ' '.repeat(number.length), 116).trimStart()}`;
}

/** The shortest block that repeats itself here, or else one step. */
function repetitionAt(steps: readonly string[], at: number): { readonly length: number; readonly repeats: number } {
  for (let length = 1; length <= BLOCK_MAX; length += 1) {
    let repeats = 1;
    while (isSame(steps, at, at + repeats * length, length)) repeats += 1;
    if (repeats >= REPEATS_MIN) return { length, repeats };
  }
  return { length: 1, repeats: 1 };
}

function isSame(steps: readonly string[], one: number, other: number, length: number): boolean {
  if (other + length > steps.length) return false;
  for (let index = 0; index < length; index += 1) {
    if (shape(steps[one + index]) !== shape(steps[other + index])) return false;
  }
  return true;
}

function shape(step = ''): string {
  return step.replaceAll(/\d+/g, '#');
}
