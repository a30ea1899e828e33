import { print, toJson } from '../../../kernel/index.ts';
import type { Operation } from '../history.ts';
import { HistoryError } from '../history-error.ts';
import type { Facts } from '../order/facts.ts';
import { INITIALLY } from '../order/facts.ts';

/** A read or a write, of a register or of a key. */
export type AccessInput =
  | { readonly type: 'read' }
  | { readonly type: 'write'; readonly value: unknown }
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'put'; readonly key: string; readonly value: unknown };

export interface Access {
  readonly operation: Operation<AccessInput, unknown>;
  readonly type: 'read' | 'write';
  /** Of `keys`. */
  readonly key: number;
  /** What it wrote, or saw. */
  readonly value: unknown;
}

/** What clients read and wrote, such that each read tells which write it saw. */
export interface Accesses extends Facts {
  /** By event; `undefined` for `INITIALLY`. */
  readonly events: readonly (Access | undefined)[];
  readonly keys: readonly string[];
  /** The events of each client, in the order in which it issued them. */
  readonly sessions: readonly (readonly number[])[];
  /** Writes of unknown outcome that were seen, and what their client had done right before, if anything. */
  readonly late: readonly { readonly write: number; readonly after: number | null }[];
  /** Reads of what nobody wrote. */
  readonly unwritten: readonly Access[];
}

/**
 * Matches reads with writes. A write of unknown outcome that nobody saw may not have happened, and is left out; one
 * that was seen took effect at some time after what its client had done before. Of a failed read nothing is known.
 *
 * Throws `HistoryError`: if there is anything but reads and writes, if a key is given one value twice, or null, which
 * stands for what it holds initially, or if operations of one client overlap.
 */
export function accessesOf(operations: readonly Operation<unknown, unknown>[]): Accesses {
  const keyNumbers = new Map<string, number>();
  const writes = new Map<string, { readonly access: Access; event: number | null }>();
  const bySession = [...sessionsOf(operations).values()].map((session) =>
    session.map((operation) => accessOf(operation, keyNumbers)),
  );
  for (const access of bySession.flat()) {
    if (access.type === 'write') addWrite(writes, access, keyNumbers);
  }
  const seen = new Set<string>();
  for (const access of bySession.flat()) {
    if (access.type === 'read' && isKnown(access)) seen.add(identify(access.key, access.value));
  }
  return number(bySession, { keyNumbers, writes, seen });
}

interface Matching {
  readonly keyNumbers: ReadonlyMap<string, number>;
  readonly writes: ReadonlyMap<string, { readonly access: Access; event: number | null }>;
  readonly seen: ReadonlySet<string>;
}

function number(bySession: readonly (readonly Access[])[], { keyNumbers, writes, seen }: Matching): Accesses {
  const events: (Access | undefined)[] = [undefined];
  const late: { write: number; after: number | null }[] = [];
  const writers = Array.from(keyNumbers, (): number[] => [INITIALLY]);
  const sessions = bySession.map((session) => {
    const own: number[] = [];
    for (const access of session) {
      const isLate = !isKnown(access);
      if (isLate && (access.type === 'read' || !seen.has(identify(access.key, access.value)))) continue;
      const event = events.push(access) - 1;
      if (access.type === 'write') {
        (writers[access.key] as number[]).push(event);
        const write = writes.get(identify(access.key, access.value));
        if (write !== undefined) write.event = event;
      }
      if (isLate) late.push({ write: event, after: own.at(-1) ?? null });
      else own.push(event);
    }
    return own;
  });
  const unwritten: Access[] = [];
  const observations = events.flatMap((access, reader) => {
    if (access?.type !== 'read') return [];
    const { key, value } = access;
    const writer = value === null ? INITIALLY : writes.get(identify(key, value))?.event;
    if (writer !== undefined && writer !== null) return [{ reader, writer, key }];
    unwritten.push(access);
    return [];
  });
  const keys = [...keyNumbers.keys()];
  return { size: events.length, events, keys, sessions, late, observations, writers, unwritten };
}

/** The operations of each client, in the order in which it issued them; a client does one thing at a time. */
export function sessionsOf<I, O>(operations: readonly Operation<I, O>[]): Map<string, Operation<I, O>[]> {
  const sessions = Map.groupBy(operations, ({ client }) => client);
  for (const [client, session] of sessions) {
    session.sort((a, b) => a.invokeAt - b.invokeAt);
    let endsAt = Number.NEGATIVE_INFINITY;
    for (const { invokeAt, completeAt } of session) {
      if (invokeAt < endsAt) {
        const what = `client ${client} begins an operation at ${invokeAt}, before its last one ends at ${endsAt}`;
        throw new HistoryError('overlapping', `${what}: give what runs at the same time to clients of their own`);
      }
      endsAt = completeAt ?? invokeAt;
    }
  }
  return sessions;
}

function accessOf(operation: Operation<unknown, unknown>, keyNumbers: Map<string, number>): Access {
  if (!isAccess(operation)) {
    const what = `only reads and writes can be checked for this, and here is ${print(operation.input)}`;
    throw new HistoryError('unsupported', `${what}: check for linearizability or sequential consistency instead`);
  }
  const { input, output } = operation;
  const name = 'key' in input ? input.key : '';
  const key = keyNumbers.get(name) ?? keyNumbers.size;
  keyNumbers.set(name, key);
  return 'value' in input
    ? { operation, type: 'write', key, value: input.value }
    : { operation, type: 'read', key, value: output ?? null };
}

function isAccess(operation: Operation<unknown, unknown>): operation is Operation<AccessInput, unknown> {
  const { input } = operation;
  if (typeof input !== 'object' || input === null || !('type' in input)) return false;
  switch (input.type) {
    case 'read':
      return true;
    case 'write':
      return 'value' in input;
    case 'get':
      return 'key' in input && typeof input.key === 'string';
    case 'put':
      return 'key' in input && typeof input.key === 'string' && 'value' in input;
    default:
      return false;
  }
}

function addWrite(
  writes: Map<string, { readonly access: Access; event: number | null }>,
  access: Access,
  keyNumbers: ReadonlyMap<string, number>,
): void {
  const { key, value } = access;
  const id = identify(key, value);
  const name = [...keyNumbers.keys()][key] ?? '';
  const where = name === '' ? '' : ` to '${name}'`;
  if (value === null) {
    throw new HistoryError('ambiguous', `null is written${where}, which stands for what was never written`);
  }
  if (writes.has(id)) {
    const what = `${print(value)} is written${where} twice, so that a read does not tell which write it saw`;
    throw new HistoryError('ambiguous', `${what}: have each write a value of its own`);
  }
  writes.set(id, { access, event: null });
}

function isKnown({ operation }: Access): boolean {
  return operation.completeAt !== null;
}

/** Names a version: the same for equal values only. */
function identify(key: number, value: unknown): string {
  return `${key} ${JSON.stringify(toJson(value))}`;
}
