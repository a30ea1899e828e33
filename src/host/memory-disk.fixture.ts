import { basename, dirname } from 'node:path';
import type { Disk, DurableFile } from './disk.ts';

/** A disk in memory for tests: it can be slow, fail, and be looked at byte by byte. */
export class MemoryDisk implements Disk {
  readonly files: Map<string, Buffer>;
  /** Awaited before every write; a rejection fails the write. */
  beforeWrite: (path: string, bytes: Uint8Array) => Promise<void> = async () => undefined;
  writes = 0;
  creations = 0;

  constructor(files: ReadonlyMap<string, Buffer> = new Map()) {
    this.files = new Map([...files].map(([path, bytes]) => [path, Buffer.from(bytes)]));
  }

  async makeDirectory(): Promise<void> {}

  async list(directory: string): Promise<string[]> {
    return [...this.files.keys()].filter((path) => dirname(path) === directory).map((path) => basename(path));
  }

  async read(path: string): Promise<Buffer> {
    return Buffer.from(this.#file(path));
  }

  async sync(_path: string): Promise<void> {}

  async lengthOf(path: string): Promise<number> {
    return this.#file(path).length;
  }

  async create(path: string): Promise<DurableFile> {
    this.creations += 1;
    this.files.set(path, Buffer.alloc(0));
    return this.open(path);
  }

  async open(path: string): Promise<DurableFile> {
    const file = { path };
    this.#opened.add(file);
    return {
      write: async (bytes, at) => {
        this.writes += 1;
        await this.beforeWrite(file.path, bytes);
        this.#write(file.path, bytes, at);
      },
      close: async () => void this.#opened.delete(file),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.files.set(to, this.#file(from));
    this.files.delete(from);
    for (const file of this.#opened) if (file.path === from) file.path = to;
  }

  async remove(path: string): Promise<void> {
    this.#file(path);
    this.files.delete(path);
  }

  async syncDirectory(): Promise<void> {}

  readonly #opened = new Set<{ path: string }>();

  #write(path: string, bytes: Uint8Array, at: number): void {
    let content = this.#file(path);
    if (content.length < at + bytes.length) {
      content = Buffer.concat([content, Buffer.alloc(at + bytes.length - content.length)]);
      this.files.set(path, content);
    }
    content.set(bytes, at);
  }

  #file(path: string): Buffer {
    const content = this.files.get(path);
    if (content === undefined) throw new Error(`ENOENT: ${path}`);
    return content;
  }
}
