import { type Address, address, type NodeId } from './address.ts';
import { encode } from './encode.ts';
import { equalBytes } from './equal.ts';
import { MemoryStorage } from './memory-storage.ts';
import { print } from './print.ts';
import { type AnyProcess, type Effect, type NodeDefinition, step } from './process.ts';
import type { NodeStep, ProcessStep, Trace } from './trace.ts';

/** What a node's storages held when the trace began, by the storage's name. */
export type InitialStorages = ReadonlyMap<NodeId, ReadonlyMap<string, MemoryStorage>>;

export type ReplayResult =
  | { readonly type: 'same'; readonly steps: number }
  | {
      readonly type: 'diverged';
      /** Index of the step in `trace.steps`; its line in the file is two more. */
      readonly step: number;
      readonly expected: string;
      readonly found: string;
    };

export interface ReplayWatcher {
  before(step: number, process: AnyProcess): void;
  after(step: number, process: AnyProcess): void;
}

export interface ReplayOptions {
  readonly storages?: InitialStorages;
  /** Is shown each step's process before the step and after it, to tell what changed; not to be changed itself. */
  readonly watcher?: ReplayWatcher | null;
}

/**
 * Runs every step of a trace again, on processes made anew, and compares every effect with the recorded one, byte for
 * byte in the encoding of the default codec. Stops at the first that differs: from there on the runs are two.
 *
 * Only the steps drive it: no network, no clock and no chance are simulated, so that it repeats what happened on a real
 * machine just as well. A message that was recorded as received is given, whether or not some step sent it.
 */
export function replayTrace(
  trace: Trace,
  definitions: ReadonlyMap<NodeId, NodeDefinition>,
  { storages = new Map(), watcher = null }: ReplayOptions = {},
): ReplayResult {
  const replay = new Replay(definitions, storages, watcher);
  for (const [index, traced] of trace.steps.entries()) {
    let divergence: Divergence | null = null;
    if ('process' in traced) divergence = replay.run(traced, index);
    else if (traced.type !== 'note') replay.happen(traced);
    if (divergence !== null) return { type: 'diverged', step: index, ...divergence };
  }
  return { type: 'same', steps: trace.steps.length };
}

interface Divergence {
  readonly expected: string;
  readonly found: string;
}

class Replay {
  readonly #definitions: ReadonlyMap<NodeId, NodeDefinition>;
  readonly #initial: InitialStorages;
  readonly #watcher: ReplayWatcher | null;
  readonly #storages = new Map<NodeId, Map<string, MemoryStorage>>();
  readonly #processes = new Map<Address, AnyProcess>();

  constructor(
    definitions: ReadonlyMap<NodeId, NodeDefinition>,
    initial: InitialStorages,
    watcher: ReplayWatcher | null,
  ) {
    this.#definitions = definitions;
    this.#initial = initial;
    this.#watcher = watcher;
  }

  happen(traced: NodeStep): void {
    switch (traced.type) {
      case 'boot':
        this.#boot(traced.node);
        break;
      case 'crash':
        this.#crash(traced.node);
        break;
      case 'beginFlush':
        this.#storage(traced.node, traced.storage).beginFlush();
        break;
      case 'completeFlush':
        this.#storage(traced.node, traced.storage).completeFlush();
        break;
      default:
        traced satisfies never;
    }
  }

  /** Null if the step did what it did before. */
  run(traced: ProcessStep, index: number): Divergence | null {
    const process = this.#processes.get(traced.process);
    if (process === undefined) {
      return { expected: `a process at ${traced.process}`, found: 'none: its node is down, or has no such process' };
    }
    const choices = new Choices(traced.choices);
    const context = { self: traced.process, now: traced.now ?? traced.at, choose: choices.next };
    let effects: readonly Effect[] = [];
    let error: string | undefined;
    this.#watcher?.before(index, process);
    try {
      effects = step(process, traced.event, context);
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    this.#watcher?.after(index, process);
    if (error !== traced.error) return { expected: ending(traced.error), found: ending(error) };
    return choices.divergence() ?? compare(traced.effects, effects);
  }

  #boot(node: NodeId): void {
    const definition = this.#definitions.get(node);
    if (definition === undefined) throw new Error(`the trace boots node '${node}', of which no definition was given`);
    for (const [name, process] of definition({ node, storage: (of) => this.#storage(node, of) })) {
      this.#processes.set(address(node, name), process);
    }
  }

  #crash(node: NodeId): void {
    for (const at of this.#processes.keys()) {
      if (at === node || at.startsWith(`${node}/`)) this.#processes.delete(at);
    }
    for (const storage of this.#storages.get(node)?.values() ?? []) storage.crash();
  }

  #storage(node: NodeId, name: string): MemoryStorage {
    let storages = this.#storages.get(node);
    if (storages === undefined) {
      storages = new Map(this.#initial.get(node));
      this.#storages.set(node, storages);
    }
    let storage = storages.get(name);
    if (storage === undefined) {
      storage = new MemoryStorage();
      storages.set(name, storage);
    }
    return storage;
  }
}

/** Gives out the recorded draws, and notices when a step draws other ones. */
class Choices {
  readonly #recorded: readonly number[];
  #drawn = 0;
  #impossible: Divergence | null = null;

  constructor(recorded: readonly number[]) {
    this.#recorded = recorded;
  }

  readonly next = (count: number): number => {
    const choice = this.#recorded[this.#drawn];
    this.#drawn += 1;
    if (choice !== undefined && choice < count) return choice;
    this.#impossible ??= {
      expected: choice === undefined ? `${this.#recorded.length} choices` : `choice ${choice} of more options`,
      found: `choice number ${this.#drawn}, of ${count} options`,
    };
    return 0;
  };

  divergence(): Divergence | null {
    if (this.#impossible !== null || this.#drawn === this.#recorded.length) return this.#impossible;
    return { expected: `${this.#recorded.length} choices`, found: `${this.#drawn} choices` };
  }
}

function compare(recorded: readonly Effect[], effects: readonly Effect[]): Divergence | null {
  for (let index = 0; index < Math.max(effects.length, recorded.length); index += 1) {
    const expected = recorded[index];
    const found = effects[index];
    if (expected !== undefined && found !== undefined && equalBytes(encode(expected), encode(found))) continue;
    return { expected: nth(index, expected), found: nth(index, found) };
  }
  return null;
}

function ending(error: string | undefined): string {
  return error === undefined ? 'no error' : `error: ${error}`;
}

function nth(index: number, effect: Effect | undefined): string {
  return effect === undefined ? 'no further effect' : `effect ${index + 1}: ${print(effect)}`;
}
