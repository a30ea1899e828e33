import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryDisk } from './memory-disk.fixture.ts';
import { Wal } from './wal.ts';
import { WalCorruptError, type WalWriteError } from './wal-errors.ts';
import { SEGMENT_HEADER_BYTES } from './wal-format.ts';

const SEGMENT_BYTES = SEGMENT_HEADER_BYTES + 1024;

test('records come back by process and in order', async () => {
  const disk = new MemoryDisk();
  const { log, wal } = await open(disk);
  log.append('a', 'one');
  log.append('b', 'uno');
  await log.durable();
  log.append('a', 'two');
  await wal.close();
  assert.deepEqual((await open(disk)).records, { a: ['one', 'two'], b: ['uno'] });
});

test('all that is appended while a write is under way goes with the next', async () => {
  const disk = new MemoryDisk();
  const { log } = await open(disk, { segmentBytes: 65_536 });
  const written = disk.writes;
  let release = (): void => undefined;
  disk.beforeWrite = () => new Promise((resolve) => (release = resolve));
  log.append('a', 'first');
  await turn();
  for (let index = 0; index < 50; index += 1) log.append('a', `${index}`);
  await turn();
  assert.equal(disk.writes - written, 1);
  assert.equal(log.durablePosition, 0);
  disk.beforeWrite = async () => undefined;
  release();
  await log.durable();
  assert.equal(disk.writes - written, 2);
  assert.equal(log.durablePosition, 51);
});

test('a log goes on over many segments and many lives', async () => {
  const disk = new MemoryDisk();
  const expected: string[] = [];
  for (let life = 0; life < 5; life += 1) {
    const { log, wal, records } = await open(disk);
    assert.deepEqual(records, life === 0 ? {} : { a: expected });
    for (let index = 0; index < 40; index += 1) {
      expected.push(`record ${life}/${index} ${'x'.repeat(index)}`);
      log.append('a', expected.at(-1) ?? '');
      if (index % 7 === 0) await log.durable();
    }
    await wal.close();
  }
  assert.ok(disk.files.size > 10);
  assert.deepEqual((await open(disk)).records, { a: expected });
});

test('a checkpoint replaces the records of its process, however long, and frees the segments before it', async () => {
  const disk = new MemoryDisk();
  const { log, wal } = await open(disk);
  log.append('quiet', 'a promise');
  for (let index = 0; index < 100; index += 1) log.append('busy', `${index}${'x'.repeat(100)}`);
  await log.durable();
  const before = disk.files.size;
  const long = 'y'.repeat(3 * SEGMENT_BYTES);
  log.checkpoint('busy', [long, 'end']);
  log.append('busy', 'after');
  await wal.close();
  assert.ok(before > 10);
  assert.ok(disk.files.size <= 3, [...disk.files.keys()].join());
  assert.deepEqual((await open(disk)).records, { quiet: ['a promise'], busy: [long, 'end', 'after'] });
});

test('files of superseded segments are used again, and nothing of their old content is ever read', async () => {
  const disk = new MemoryDisk();
  let { log, wal } = await open(disk);
  for (let round = 0; round < 200; round += 1) {
    for (let index = 0; index < 5; index += 1) log.append('a', `${round}/${index} ${'x'.repeat(index * 30)}`);
    log.checkpoint('a', [`checkpoint ${round}`]);
    log.append('a', `after ${round}`);
    await log.durable();
    if (round % 3 > 0) continue;
    const killed = new MemoryDisk(disk.files);
    assert.deepEqual((await open(killed)).records, { a: [`checkpoint ${round}`, `after ${round}`] });
  }
  assert.ok(disk.creations < 12, `${disk.creations} files were filled with zeros`);
  await wal.close();
  ({ log, wal } = await open(disk));
});

test('a segment that can not be removed leaves no gap', async () => {
  const disk = new MemoryDisk();
  const { log } = await open(disk);
  const rename = disk.rename.bind(disk);
  let refused = 0;
  disk.rename = async (from, to) => {
    if (from.endsWith('2.wal') && refused < 3) {
      refused += 1;
      throw new Error('EIO');
    }
    return rename(from, to);
  };
  for (let round = 0; round < 12; round += 1) {
    for (let index = 0; index < 5; index += 1) log.append('a', 'x'.repeat(150));
    log.checkpoint('a', [`checkpoint ${round}`]);
    await log.durable();
    await turn();
    assert.deepEqual((await open(new MemoryDisk(disk.files))).records, { a: [`checkpoint ${round}`] });
  }
  assert.equal(refused, 3);
  assert.ok(disk.files.size < 6);
});

test('a failed write is reported, and nothing is durable from then on', async () => {
  const disk = new MemoryDisk();
  const { log, wal } = await open(disk);
  log.append('a', 'kept');
  await log.durable();
  disk.beforeWrite = async () => {
    throw new Error('ENOSPC: no space left on device, write');
  };
  log.append('a', 'lost');
  const error = await log.failed;
  assert.match(error.message, /cannot write to "wal\/0000000001.wal": ENOSPC.*The node stops/);
  disk.beforeWrite = async () => undefined;
  log.append('a', 'also lost');
  await turn();
  assert.equal(log.durablePosition, 1);
  await wal.close();
  assert.deepEqual((await open(disk)).records, { a: ['kept'] });
});

test('a full disk that does not take the next segment is reported when that segment is needed', async () => {
  const disk = new MemoryDisk();
  const { log } = await open(disk);
  disk.beforeWrite = async (path) => {
    if (path.includes('0000000002')) throw new Error('ENOSPC: no space left on device, write');
  };
  for (let index = 0; index < 20; index += 1) log.append('a', 'x'.repeat(100));
  const error = await log.failed;
  assert.match(error.message, /cannot create the log segment "wal\/0000000002.wal": ENOSPC/);
});

test('a torn tail is cut, wherever it is torn, and the log goes on behind the cut', async () => {
  const whole = new MemoryDisk();
  const { log } = await open(whole);
  log.append('a', 'acknowledged');
  await log.durable();
  const before = new MemoryDisk(whole.files);
  log.append('a', 'never acknowledged');
  log.append('b', 'never acknowledged');
  await log.durable();
  const after = new MemoryDisk(whole.files); // before the log marks its end
  const [path, full] = [...after.files][0] ?? assert.fail();
  const start = before.files.get(path) ?? assert.fail();
  const changed = [...full.keys()].filter((at) => full[at] !== start[at]);
  for (const tornAt of changed) {
    for (const half of ['first half', 'second half'] as const) {
      const disk = new MemoryDisk(after.files);
      const torn = disk.files.get(path) ?? assert.fail();
      if (half === 'first half') start.copy(torn, tornAt, tornAt);
      else start.copy(torn, 0, 0, tornAt + 1);
      const { log: next, wal, records } = await open(disk);
      assert.deepEqual(records, { a: ['acknowledged'] });
      next.append('a', 'next');
      await wal.close();
      assert.deepEqual((await open(disk)).records, { a: ['acknowledged', 'next'] });
    }
  }
});

test('a bit that flips anywhere in a closed log is noticed or changes nothing', async () => {
  const { disk, expected } = await smallLog('closed');
  let refused = 0;
  for (const { damaged, where } of eachFlip(disk)) {
    const records = await recordsOrDamage(damaged);
    if (records === null) refused += 1;
    else assert.deepEqual(records, expected, where);
  }
  assert.ok(refused > 1500, `${refused} refused`);
});

test('a bit that flips in a log that was killed is noticed, or changes at most the last write', async () => {
  const { disk, expected } = await smallLog('killed');
  const withoutLast = { ...expected, a: expected.a.slice(0, -1) };
  const tally = { refused: 0, unchanged: 0, cut: 0 };
  for (const { damaged, where } of eachFlip(disk)) {
    const records = await recordsOrDamage(damaged);
    if (records === null) tally.refused += 1;
    else if (isEqual(records, expected)) tally.unchanged += 1;
    else {
      tally.cut += 1;
      assert.deepEqual(records, withoutLast, where);
    }
  }
  assert.ok(tally.refused > 1500 && tally.cut > 0 && tally.cut < 110, JSON.stringify(tally));
});

test('a missing segment is noticed, unless it is an empty one', async () => {
  const { disk, expected } = await smallLog('closed');
  let noticed = 0;
  for (const path of disk.files.keys()) {
    const damaged = new MemoryDisk(disk.files);
    damaged.files.delete(path);
    const records = await recordsOrDamage(damaged);
    if (records === null) noticed += 1;
    else assert.deepEqual(records, expected);
  }
  assert.ok(noticed >= disk.files.size - 1 && noticed >= 2, `${noticed} of ${disk.files.size} noticed`);
});

test('damage is reported with its place and with what to do', async () => {
  const { disk } = await smallLog('closed');
  const path = [...disk.files.keys()][0] ?? assert.fail();
  const bytes = disk.files.get(path) ?? assert.fail();
  bytes[SEGMENT_HEADER_BYTES + 60] = (bytes[SEGMENT_HEADER_BYTES + 60] ?? 0) ^ 1;
  await assert.rejects(open(disk), (error) => {
    assert.ok(error instanceof WalCorruptError);
    assert.equal(error.code, 'walCorrupt');
    assert.match(
      error.message,
      /"wal\/\d+.wal" at byte 41\d\d: the record's checksum is [0-9a-f]{8}, expected [0-9a-f]{8}/,
    );
    assert.match(error.message, /a store of one can be restored/);
    assert.match(error.message, /keep the others running, and copy their keys/);
    return true;
  });
});

test('the log of another node is refused', async () => {
  const { disk } = await smallLog('closed');
  await assert.rejects(open(disk, { owner: 'cluster/other' }), /belongs to another node or another cluster/);
});

/** Some segments; the last write is one record of process `a`. */
async function smallLog(
  ending: 'closed' | 'killed',
): Promise<{ disk: MemoryDisk; expected: { a: string[]; b: string[] } }> {
  const disk = new MemoryDisk();
  const { log, wal } = await open(disk);
  const expected: { a: string[]; b: string[] } = { a: [], b: [] };
  for (let index = 0; index < 24; index += 1) {
    const process = index % 3 === 0 ? 'b' : 'a';
    const record = `record ${index} ${'z'.repeat(index * 2)}`;
    expected[process].push(record);
    log.append(process, record);
    await log.durable();
    if (index === 10) {
      expected.b = ['b, compacted'];
      log.checkpoint('b', ['b, compacted']);
    }
  }
  await log.durable();
  if (ending === 'closed') await wal.close();
  return { disk: new MemoryDisk(disk.files), expected };
}

function* eachFlip(disk: MemoryDisk): Generator<{ damaged: MemoryDisk; where: string }> {
  for (const [path, bytes] of disk.files) {
    for (let at = 0; at < bytes.length; at += 1) {
      if (bytes.subarray(Math.max(0, at - 40), at + 40).every((byte) => byte === 0)) continue; // more of the same
      const damaged = new MemoryDisk(disk.files);
      const target = damaged.files.get(path) ?? assert.fail();
      target[at] = (target[at] ?? 0) ^ (1 << (at % 8));
      yield { damaged, where: `${path} at byte ${at}` };
    }
  }
}

async function recordsOrDamage(disk: MemoryDisk): Promise<Record<string, string[]> | null> {
  try {
    const { records, wal } = await open(disk);
    await wal.close();
    return records;
  } catch (error) {
    if (error instanceof WalCorruptError) return null;
    throw error;
  }
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A log of strings. */
class TextLog {
  durablePosition = 0;
  readonly #wal: () => Wal;
  readonly #failure = Promise.withResolvers<WalWriteError>();
  #waiting: { position: number; resolve: () => void }[] = [];
  #last = 0;

  constructor(wal: () => Wal) {
    this.#wal = wal;
  }

  get failed(): Promise<WalWriteError> {
    return this.#failure.promise;
  }

  append(process: string, text: string): void {
    this.#last = this.#wal().append(process, Buffer.from(text));
  }

  checkpoint(process: string, texts: readonly string[]): void {
    this.#last = this.#wal().checkpoint(
      process,
      texts.map((text) => Buffer.from(text)),
    );
  }

  durable(): Promise<void> {
    if (this.#last <= this.durablePosition) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ position: this.#last, resolve }));
  }

  onDurable(position: number): void {
    this.durablePosition = position;
    for (const waiting of this.#waiting) if (waiting.position <= position) waiting.resolve();
    this.#waiting = this.#waiting.filter((waiting) => waiting.position > position);
  }

  onFailed(error: WalWriteError): void {
    this.#failure.resolve(error);
  }
}

async function open(
  disk: MemoryDisk,
  { owner = 'cluster/node', segmentBytes = SEGMENT_BYTES } = {},
): Promise<{ log: TextLog; wal: Wal; records: Record<string, string[]> }> {
  let wal: Wal | null = null;
  const log = new TextLog(() => wal ?? assert.fail());
  const opened = await Wal.open({
    directory: 'wal',
    owner,
    disk,
    segmentBytes,
    onDurable: (position) => log.onDurable(position),
    onFailed: (error) => log.onFailed(error),
  });
  wal = opened.wal;
  const entries = [...opened.records].map(([process, records]) => [
    process,
    records.map((record) => Buffer.from(record).toString()),
  ]);
  return { log, wal, records: Object.fromEntries(entries) };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
