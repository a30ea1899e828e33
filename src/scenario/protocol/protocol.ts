import {
  type Address,
  address,
  type Message,
  type NodeDefinition,
  type NodeId,
  print,
  type Random,
  type Spec,
} from '../../kernel/index.ts';
import type { Roles } from '../../sim/index.ts';
import { ScenarioError } from '../scenario-error.ts';
import { checkExports } from './exports.ts';

/** A message from outside, and when it comes; without a time, each seed draws one. */
export interface Input {
  readonly to: Address;
  readonly from?: Address;
  readonly message: Message;
  readonly atMs?: number;
}

/** Something that a process put out. */
export interface Output {
  readonly from: Address;
  readonly atMs: number;
  readonly output: unknown;
}

/** Draws what clients ask of the system in a run. */
export type Workload = (random: Random, durationMs: number) => readonly Input[];

/**
 * A protocol of anybody's, as a module exports it: `nodes`, and whatever else of this there is. The checker reads the
 * same `nodes`, `spec` and `inputs`.
 */
export interface Protocol {
  /** What to call it, and where to find it again: its file. */
  readonly name: string;
  readonly nodes: ReadonlyMap<NodeId, NodeDefinition>;
  /** What must hold in every world and of every step, and what some run, or every run, comes to. */
  readonly spec: Spec;
  /** Each is given once. */
  readonly inputs: readonly Input[];
  readonly workload: Workload | null;
  /** Says what is wrong with all that was put out in a run, such as a history that is not linearizable; null if nothing. */
  readonly judge: ((outputs: readonly Output[]) => string | null) | null;
  /** Names for who plays a part, to be used in faults. */
  readonly roles: Roles;
  /** By how much the clocks of two nodes may drift apart, in millionths. */
  readonly driftPpm: number;
  /** What a scenario file would say: network, faults, duration and so on. Null for the default. */
  readonly scenario: unknown;
}

const KINDS: readonly string[] = ['invariants', 'steps', 'goals', 'eventually'];

type Exports = Readonly<Record<string, unknown>>;

/** Reads what a module exports. Throws `ScenarioError`. */
export function protocolOf(exports: Exports, name: string): Protocol {
  checkExports(exports, name);
  return {
    name,
    nodes: nodesIn(exports['nodes'], name),
    spec: checkedSpec(optional(exports, 'spec', isObject, 'an object', name) ?? {}, name),
    inputs: (optional(exports, 'inputs', Array.isArray, 'a list', name) ?? []).map((input) =>
      checkedInput(input, name),
    ),
    workload: optional(exports, 'workload', isFunction<Workload>, 'a function', name) ?? null,
    judge: optional(exports, 'judge', isFunction<NonNullable<Protocol['judge']>>, 'a function', name) ?? null,
    roles: optional(exports, 'roles', isObject<Roles>, 'an object', name) ?? {},
    driftPpm: optional(exports, 'driftPpm', isNumber, 'a number', name) ?? 0,
    scenario: exports['scenario'] ?? null,
  };
}

function checkedSpec(spec: Spec, name: string): Spec {
  for (const [kind, named] of Object.entries(spec)) {
    if (!KINDS.includes(kind)) {
      throw new ScenarioError(`${name}: 'spec' has no field '${kind}': there are ${KINDS.join(', ')}`);
    }
    if (named === undefined) continue;
    if (!isObject(named) || Array.isArray(named)) {
      throw new ScenarioError(`${name}: 'spec.${kind}' holds functions by name: found ${print(named)}`);
    }
    for (const [property, check] of Object.entries(named)) {
      if (typeof check === 'function') continue;
      throw new ScenarioError(`${name}: 'spec.${kind}.${property}' is no function: ${print(check)}`);
    }
  }
  return spec;
}

function nodesIn(value: unknown, name: string): ReadonlyMap<NodeId, NodeDefinition> {
  const entries = value instanceof Map ? [...value] : isObject<Exports>(value) ? Object.entries(value) : [];
  if (entries.length === 0) {
    const example = "export const nodes = { server: () => new Map([['', new Server()]]) }";
    throw new ScenarioError(`${name} exports no nodes: write, for example, \`${example}\``);
  }
  for (const [node, definition] of entries) {
    address(node);
    if (typeof definition === 'function') continue;
    throw new ScenarioError(`${name}: node '${node}' is no function that makes its processes: ${print(definition)}`);
  }
  return new Map(entries);
}

/** Throws if a workload, or the list of inputs, holds something that is no input. */
export function checkedInput(value: unknown, name: string): Input {
  const { to, message } = isObject<Partial<Input>>(value) ? value : {};
  if (typeof to === 'string' && typeof message?.type === 'string') return value as Input;
  throw new ScenarioError(`${name}: an input is {to: address, message: {type, …}}, found ${print(value)}`);
}

function optional<T>(
  exports: Exports,
  field: string,
  is: (value: unknown) => value is T,
  expected: string,
  name: string,
): T | undefined {
  const value = exports[field];
  if (value === undefined || is(value)) return value;
  throw new ScenarioError(`${name}: '${field}' has to be ${expected}, found ${print(value)}`);
}

function isObject<T extends object>(value: unknown): value is T {
  return typeof value === 'object' && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isFunction<F>(value: unknown): value is F {
  return typeof value === 'function';
}
