import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export class DirectoryHeldError extends Error {
  override readonly name = 'DirectoryHeldError';
  readonly code = 'directoryHeld';
  readonly pid: number;

  constructor(directory: string, pid: number, description: string) {
    const who = pid === process.pid ? `this process (${pid})` : `process ${pid}`;
    super(
      `the data directory "${directory}" is in use by ${who}: ${description}. Stop it, or give another directory; ` +
        'one directory serves one node',
    );
    this.pid = pid;
  }
}

const CLAIM = 'claim';
const LOCK = 'lock';
const ATTEMPTS_MAX = 10;
const BACK_OFF_MS_MAX = 50;

/**
 * Keeps a second process off a directory. Node has no flock, so a holder is a file whose name says who it is, and
 * such a name is never used twice: so the file of a dead process can be removed by anyone at any time, which the
 * usual single lock file does not allow (two starters find it stale, one replaces it, the other removes the new one).
 *
 * A starter first creates its claim and then looks for others. Of two starters at least one sees the other, as each
 * looks after it is visible; whoever sees a living claim withdraws, waits a random time and tries again; whoever sees
 * none adds its lock and holds. What is told apart by pid and start time holds within one machine and, with
 * containers, within one pid namespace.
 */
export class DirectoryLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws DirectoryHeldError */
  static async take(directory: string): Promise<DirectoryLock> {
    for (let attempt = 1; ; attempt += 1) {
      const id = `${process.pid}-${birthOf(process.pid) ?? 'unknown'}-${randomUUID()}`;
      const claim = join(directory, `${CLAIM}-${id}`);
      const lock = join(directory, `${LOCK}-${id}`);
      await writeFile(claim, describe(), { flag: 'wx' });
      try {
        const rival = await findRival(directory, id);
        if (rival === null) {
          await link(claim, lock); // not a rename: a reader of the directory could miss both names
          return new DirectoryLock(lock);
        }
        if (rival.kind === LOCK || attempt === ATTEMPTS_MAX) {
          throw new DirectoryHeldError(directory, rival.pid, await readDescription(join(directory, rival.name)));
        }
      } finally {
        await unlink(claim);
      }
      await delay(Math.random() * BACK_OFF_MS_MAX);
    }
  }

  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

interface Rival {
  readonly kind: string;
  readonly pid: number;
  readonly name: string;
}

/** A living process's claim or, rather, lock. Removes what dead ones left. */
async function findRival(directory: string, ownId: string): Promise<Rival | null> {
  let rival: Rival | null = null;
  for (const name of await readdir(directory)) {
    const [, kind, id, pid, birth] = /^(claim|lock)-((\d+)-([\w.]+)-[\w-]+)$/.exec(name) ?? [];
    if (kind === undefined || id === ownId || pid === undefined || birth === undefined) continue;
    if (!isAlive(Number(pid), birth)) await rm(join(directory, name), { force: true });
    else if (rival === null || kind === LOCK) rival = { kind, pid: Number(pid), name };
  }
  return rival;
}

function isAlive(pid: number, birth: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'; // it lives, and is another user's
  }
  const found = birthOf(pid);
  return found === null || birth === 'unknown' || found === birth;
}

/**
 * What tells a process from a later one with its pid: the boot, and the clock tick of its start (proc(5), the 22nd
 * field of /proc/pid/stat; the second one, the command, may itself hold spaces and brackets). Null where unknown.
 */
function birthOf(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
    return start === undefined ? null : `${boot}.${start}`;
  } catch {
    return null;
  }
}

function describe(): string {
  return `"${process.argv.join(' ')}", since ${new Date().toISOString()}`;
}

async function readDescription(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')) || 'just starting';
  } catch {
    return 'just stopping';
  }
}
