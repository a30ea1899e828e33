import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Process } from '../kernel/process.ts';
import { DataDirectory } from './directory.ts';
import { Host, type HostOptions } from './host.ts';

export type Count = { readonly type: 'count' };

/** Persists and outputs how many messages it got in all its lives. */
export class Counter extends Process<Count, never, number, number> {
  count = 0;

  override onRecord(count: number): void {
    if (count !== this.count + 1) throw new Error(`record ${count} follows record ${this.count}`);
    this.count = count;
  }

  override onMessage(): void {
    this.count += 1;
    this.persist(this.count);
    this.output(this.count);
  }
}

/** A host on its own, with small segments; an error that nobody expects fails the test. */
export function openHost(
  directory: string,
  options: Partial<HostOptions> & Pick<HostOptions, 'definition'>,
): Promise<Host> {
  return Host.open({
    node: 'a',
    cluster: 'test',
    directory,
    listen: null,
    peers: new Map(),
    onOutput: () => undefined,
    onFatal: (error) => {
      throw error;
    },
    segmentBytes: 65_536,
    ...options,
  });
}

/** A directory that is gone after the test. */
export async function temporaryDirectory(t: { after: (clean: () => Promise<void>) => void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-host-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function countUntilKilled(directory: string): Promise<void> {
  const counter = new Counter();
  const host = await openHost(directory, {
    definition: () => new Map([['counter', counter]]),
    onOutput: (_process, output) => {
      process.stdout.write(`acknowledged ${output}\n`);
      host.deliver('counter', { type: 'count' });
    },
  });
  process.stdout.write(`recovered ${counter.count}\n`);
  for (let index = 0; index < 64; index += 1) host.deliver('counter', { type: 'count' });
}

async function holdUntilKilled(directory: string): Promise<void> {
  await DataDirectory.open(directory, { node: 'a', cluster: 'test' });
  process.stdout.write('held\n');
  setInterval(() => undefined, 60_000);
}

/** This file is a program too: `count DIRECTORY` or `hold DIRECTORY`. */
export const TEST_HOST: string = import.meta.filename;
const [, program, verb, directory] = process.argv;
if (program === TEST_HOST && directory !== undefined) {
  await (verb === 'count' ? countUntilKilled(directory) : holdUntilKilled(directory));
}
