import { ScenarioError } from '../scenario-error.ts';

/** What would silently be missed if it were misspelt; helpers of any other name may be exported beside it. */
const VALUES = ['spec', 'inputs', 'scenario', 'check', 'driftPpm'];
const FUNCTIONS = ['workload', 'judge'];

const IN_SPEC = ['invariants', 'steps', 'goals', 'eventually'];
const IN_CHECK = [
  'outcomes',
  'history',
  'prune',
  'inputOrder',
  'budgets',
  'crashing',
  'cuts',
  'symmetric',
  'unordered',
];
const IN_BOTH = ['network', 'disk', 'clocks'];

/** Throws if a module exports what is read elsewhere, or under a name that is nearly the same: it would go unheeded. */
export function checkExports(exports: Readonly<Record<string, unknown>>, name: string): void {
  for (const [given, value] of Object.entries(exports)) {
    const isFunction = typeof value === 'function';
    const place = placeOf(given);
    if (place !== null && (!isFunction || given === 'prune')) {
      throw new ScenarioError(`${name}: '${given}' is exported by itself, where nobody reads it: put it into ${place}`);
    }
    const known = isFunction ? FUNCTIONS : VALUES;
    const meant = known.find((read) => !(read in exports) && given !== read && isNear(given, read));
    if (meant === undefined) continue;
    throw new ScenarioError(`${name}: nobody reads what is exported as '${given}': did you mean '${meant}'?`);
  }
}

function placeOf(given: string): string | null {
  if (IN_SPEC.includes(given)) return '`export const spec = { … }`';
  if (IN_CHECK.includes(given)) return '`export const check = { … }`';
  if (IN_BOTH.includes(given)) return '`export const check = { … }` or `export const scenario = { … }`';
  if (['property', 'properties'].includes(given)) return '`export const spec = { invariants: { … } }`';
  return null;
}

/** Whether one more letter, one less, another or two exchanged make one word of the other; or nothing but its case. */
function isNear(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a === b) return true;
  let from = 0;
  while (from < Math.min(a.length, b.length) && a[from] === b[from]) from += 1;
  const [restA, restB] = [a.slice(from), b.slice(from)];
  const isExchanged = restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
  return isExchanged || restA.slice(1) === restB || restA === restB.slice(1) || restA.slice(1) === restB.slice(1);
}
