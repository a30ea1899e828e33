import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DurableFile } from './disk.ts';
import { MemoryDisk } from './memory-disk.fixture.ts';
import { Wal } from './wal.ts';

const PATIENCE_TURNS = 100_000;

/** `files` is what the system shows, `medium` what a power failure leaves: a write that failed may be in the first only. */
class CachedDisk extends MemoryDisk {
  isFailing = false;
  readonly #medium = new Map<string, Buffer>();
  readonly #handles: { path: string }[] = [];

  override async open(path: string): Promise<DurableFile> {
    const file = await super.open(path);
    const handle = { path };
    this.#handles.push(handle);
    return {
      write: async (bytes, at) => {
        await file.write(bytes, at);
        if (this.isFailing) throw new Error('EIO: i/o error, write');
        const medium = this.#medium.get(handle.path) ?? Buffer.alloc(0);
        const grown = Buffer.alloc(Math.max(medium.length, at + bytes.length));
        grown.set(medium);
        grown.set(bytes, at); // this range only: what other writes left in the cache stays there
        this.#medium.set(handle.path, grown);
      },
      close: () => file.close(),
    };
  }

  override async rename(from: string, to: string): Promise<void> {
    await super.rename(from, to);
    this.#medium.set(to, this.#medium.get(from) ?? Buffer.alloc(0));
    this.#medium.delete(from);
    for (const handle of this.#handles) if (handle.path === from) handle.path = to;
  }

  override async sync(path: string): Promise<void> {
    this.#medium.set(path, Buffer.from(this.files.get(path) ?? Buffer.alloc(0)));
  }

  failPower(): void {
    this.files.clear();
    for (const [path, bytes] of this.#medium) this.files.set(path, Buffer.from(bytes));
  }
}

interface Opened {
  readonly seen: readonly string[];
  /** Resolves when the record is durable, or will never be. */
  readonly append: (text: string) => Promise<void>;
}

async function open(disk: MemoryDisk): Promise<Opened> {
  let durable = 0;
  let hasFailed = false;
  const { wal, records } = await Wal.open({
    directory: '/wal',
    owner: 'o',
    segmentBytes: 65_536,
    disk,
    onDurable: (at) => {
      durable = at;
    },
    onFailed: () => {
      hasFailed = true;
    },
  });
  return {
    seen: (records.get('replica') ?? []).map((bytes) => Buffer.from(bytes).toString()),
    append: async (text) => {
      const at = wal.append('replica', Buffer.from(text));
      await until(() => durable >= at || hasFailed);
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    assert.ok(turn < PATIENCE_TURNS, 'waited in vain');
    await new Promise(setImmediate);
  }
}

// The replica answers a repeated accept for a vote that recovery showed it, without writing anything.
test('what recovery has shown to a process outlives a power failure', async () => {
  const disk = new CachedDisk();
  const first = await open(disk);
  await first.append('vote 1');
  disk.isFailing = true; // the node stops with this error, and is started again
  await first.append('vote 2');
  disk.isFailing = false;
  assert.deepEqual((await open(disk)).seen, ['vote 1', 'vote 2']);
  disk.failPower();
  assert.deepEqual((await open(disk)).seen, ['vote 1', 'vote 2']);
});

test('a lost write over a mark, with a later batch behind it, is damage and not the end of the log', async () => {
  const disk = new MemoryDisk();
  const { append } = await open(disk);
  await append('vote 1');
  const [path] = [...disk.files.keys()];
  assert.ok(path !== undefined);
  const contents = (): Buffer => Buffer.from(disk.files.get(path) ?? Buffer.alloc(0));
  const unmarked = contents();
  await until(() => !contents().equals(unmarked)); // nothing is appended for a while, and a mark is left
  const marked = contents();
  await append('vote 2');
  const from = contents().findIndex((byte, at) => byte !== marked[at]);
  await append('vote 3');
  marked.copy(disk.files.get(path) ?? Buffer.alloc(0), from - 4, from - 4, from + 40); // vote 2 was never written
  await assert.rejects(open(disk), { code: 'walCorrupt' });
});
