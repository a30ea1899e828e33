import { equal } from './equal.ts';
import { fieldStep, joinPath, kindOf } from './plain.ts';
import { print } from './print.ts';

/** One difference. What is absent on a side is `undefined` there; of a set's item the change is of its presence. */
export interface Change {
  /** As a program would reach it: `votes.get("b").ballot.round`, `log[3]`, `seen.has(7)`. Empty for the whole value. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What changed from one plain value to another: the smallest parts that differ. Empty exactly if they are `equal`. */
export function diff(before: unknown, after: unknown): Change[] {
  const changes: Change[] = [];
  compare(before, after, '', changes);
  return changes;
}

function compare(before: unknown, after: unknown, path: string, changes: Change[]): void {
  if (equal(before, after)) return;
  if (!sameKind(before, after)) {
    changes.push({ path, before, after });
  } else if (before instanceof Map && after instanceof Map) {
    compareMaps(before, after, path, changes);
  } else if (before instanceof Set && after instanceof Set) {
    compareSets(before, after, path, changes);
  } else if (Array.isArray(before) && Array.isArray(after)) {
    compareArrays(before, after, path, changes);
  } else {
    compareFields(before as Record<string, unknown>, after as Record<string, unknown>, path, changes);
  }
}

/** Whether two values are worth looking into part by part. */
function sameKind(before: unknown, after: unknown): boolean {
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return false;
  const kind = kindOf(before);
  if (kind !== kindOf(after) || kind === 'bytes' || kind === 'other') return false;
  return kind !== 'instance' || Object.getPrototypeOf(before) === Object.getPrototypeOf(after);
}

function compareFields(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  path: string,
  changes: Change[],
): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const at = joinPath(path, fieldStep(name));
    if (Object.hasOwn(before, name) && Object.hasOwn(after, name)) compare(before[name], after[name], at, changes);
    else changes.push({ path: at, before: own(before, name), after: own(after, name) });
  }
}

function own(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function compareArrays(before: readonly unknown[], after: readonly unknown[], path: string, changes: Change[]): void {
  const common = Math.min(before.length, after.length);
  for (let index = 0; index < common; index += 1) compare(before[index], after[index], `${path}[${index}]`, changes);
  for (let index = common; index < Math.max(before.length, after.length); index += 1) {
    changes.push({ path: `${path}[${index}]`, before: before[index], after: after[index] });
  }
}

function compareMaps(
  before: Map<unknown, unknown>,
  after: Map<unknown, unknown>,
  path: string,
  changes: Change[],
): void {
  const left = new Map(after);
  for (const [key, value] of before) {
    const at = joinPath(path, `.get(${print(key)})`);
    const other = findKey(left, key, value);
    if (other === NONE) {
      changes.push({ path: at, before: value, after: undefined });
    } else {
      compare(value, left.get(other), at, changes);
      left.delete(other);
    }
  }
  for (const [key, value] of left) {
    changes.push({ path: joinPath(path, `.get(${print(key)})`), before: undefined, after: value });
  }
}

function compareSets(before: Set<unknown>, after: Set<unknown>, path: string, changes: Change[]): void {
  const left = new Map([...after].map((item) => [item, true] as const));
  for (const item of before) {
    const other = findKey(left, item, true);
    if (other === NONE) changes.push({ path: hasPath(path, item), before: true, after: false });
    else left.delete(other);
  }
  for (const item of left.keys()) changes.push({ path: hasPath(path, item), before: false, after: true });
}

function hasPath(path: string, item: unknown): string {
  return joinPath(path, `.has(${print(item)})`);
}

const NONE: unique symbol = Symbol('no such key');

/** A key equal to this one; if structured keys repeat, rather the one whose value is equal too. */
function findKey(map: Map<unknown, unknown>, key: unknown, value: unknown): unknown {
  if (typeof key !== 'object' || key === null) return map.has(key) ? key : NONE;
  let found: unknown = NONE;
  for (const [other, otherValue] of map) {
    if (!equal(key, other)) continue;
    if (equal(value, otherValue)) return other;
    if (found === NONE) found = other;
  }
  return found;
}
