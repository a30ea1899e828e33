import { type NodeId, nodeOf, print } from '../../kernel/index.ts';
import { checkFields, checkProperties } from '../known-fields.ts';
import type { Budgets, ProcessModelOptions } from './options.ts';

const KNOWN: { readonly [Name in keyof Required<ProcessModelOptions<unknown>>]: true } = {
  nodes: true,
  inputs: true,
  inputOrder: true,
  budgets: true,
  network: true,
  disk: true,
  clocks: true,
  crashing: true,
  cuts: true,
  symmetric: true,
  unordered: true,
  reduce: true,
  history: true,
  invariants: true,
  steps: true,
  goals: true,
  eventually: true,
  outcomes: true,
  prune: true,
};

const BUDGETS: { readonly [Fault in keyof Required<Budgets>]: true } = {
  crashes: true,
  drops: true,
  duplicates: true,
  partitions: true,
  timers: true,
};

const ONE_OF = {
  inputOrder: ['any', 'listed'],
  network: ['multiset', 'fifo', 'set'],
  disk: ['immediate', 'explicit'],
  clocks: ['still', 'byTimers'],
  reduce: [true, false],
} as const;

/** Throws if the options that a module exports have fields that nobody reads. */
export function checkOptionNames(what: string, options: unknown): void {
  checkFields(what, options, Object.keys(KNOWN));
}

/** Throws at options that the model would not heed: they come from modules that nobody has type-checked. */
export function checkOptions<H>(options: ProcessModelOptions<H>): void {
  checkProperties('the model of processes', { ...options });
  for (const name of ['inputOrder', 'network', 'disk', 'clocks', 'reduce'] as const) {
    const values: readonly unknown[] = ONE_OF[name];
    const value = options[name];
    if (value === undefined || values.includes(value)) continue;
    throw new Error(`'${name}' is ${values.join(' or ')}: found ${print(value)}`);
  }
  checkBudgets(options.budgets ?? {});
  const { crashing = [], cuts = [], symmetric = [], unordered = [], inputs = [], nodes } = options;
  checkNames('crashing', crashing, nodes);
  for (const side of checkedList('cuts', cuts)) checkNames('cuts', side, nodes);
  for (const group of checkedList('symmetric', symmetric)) checkNames('symmetric', group, nodes);
  for (const { to } of checkedList('inputs', inputs)) checkNames('inputs', [nodeOf(to)], nodes);
  const field = checkedList('unordered', unordered).find((name) => typeof name !== 'string');
  if (field !== undefined) throw new Error(`'unordered' lists names of fields: found ${print(field)}`);
}

function checkBudgets(budgets: Budgets): void {
  checkFields("'budgets'", budgets, Object.keys(BUDGETS));
  for (const [fault, count] of Object.entries(budgets)) {
    const isCount = typeof count === 'number' && count >= 0 && (Number.isInteger(count) || count === Infinity);
    if (count === undefined || isCount) continue;
    throw new Error(`'budgets.${fault}' is a whole number from 0: found ${print(count)}`);
  }
}

function checkNames(option: string, names: readonly NodeId[], nodes: ReadonlyMap<NodeId, unknown>): void {
  const unknown = checkedList(option, names).find((name) => !nodes.has(name));
  if (unknown === undefined) return;
  throw new Error(
    `'${option}' names '${unknown}', which is no node of the model: there are ${[...nodes.keys()].join(', ')}`,
  );
}

function checkedList<T>(option: string, items: readonly T[]): readonly T[] {
  if (Array.isArray(items)) return items;
  throw new Error(`'${option}' is a list: found ${print(items)}`);
}
