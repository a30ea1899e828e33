import { randomUUID } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './disk.ts';

/** Under its name a file is always complete: it is written aside, and renamed when it is on the disk. */
export async function replaceDurably(file: string, text: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  await writeDurably(aside, text);
  await rename(aside, file);
  await syncDirectory(dirname(file));
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
