import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { packWrites, type Write, type WriterInput, type WriterOutput } from './lmdb-writes.ts';

/** The thread is this file's neighbour, as source or as compiled. */
const THREAD = new URL(import.meta.url.replace(/lmdb-writer(\.[jt]s)$/, 'lmdb-writer.thread$1'));

/**
 * Writes flushes to LMDB in a thread of its own, as both the many small writes of a transaction and its sync would
 * stop the event loop for long: lmdb-js's own asynchronous writes take 1 to 3 microseconds each on the caller's thread,
 * all in one turn. Here the caller packs them, a slice a turn.
 */
export class LmdbWriter {
  readonly #directory: string;
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  #worker: Worker | null = null;
  #failure: Error | null = null;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes all the writes durable as one transaction; before them, if it `replaces`, the storage is emptied. */
  async write(storage: string, writes: Iterable<Write>, replaces: boolean): Promise<void> {
    const worker = this.#start();
    const outcome = Promise.withResolvers<void>();
    for (const bytes of packWrites(writes)) {
      post(worker, { type: 'slice', storage, bytes }, bytes);
      await nextTurn();
    }
    if (this.#failure !== null) throw this.#failure;
    this.#waiting.push(outcome);
    worker.ref();
    post(worker, { type: 'commit', storage, replaces });
    await outcome.promise;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === null || this.#failure !== null) return;
    const exited = once(worker, 'exit');
    worker.ref();
    worker.off('exit', this.#onExit);
    post(worker, { type: 'close' });
    await exited;
  }

  #start(): Worker {
    if (this.#worker === null) {
      this.#worker = new Worker(THREAD, { workerData: this.#directory });
      this.#worker.on('message', (output: WriterOutput) => this.#onAnswer(output));
      this.#worker.on('error', (error) => this.#onFailure(error));
      this.#worker.on('exit', this.#onExit);
      this.#worker.unref();
    }
    return this.#worker;
  }

  #onAnswer(output: WriterOutput): void {
    const outcome = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker?.unref();
    if (output.type === 'committed') outcome?.resolve();
    else outcome?.reject(new Error(output.reason));
  }

  readonly #onExit = (): void => this.#onFailure(new Error('the thread that writes to LMDB has ended'));

  #onFailure(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
    for (const outcome of this.#waiting.splice(0)) outcome.reject(this.#failure);
  }
}

function post(worker: Worker, input: WriterInput, transferred?: Uint8Array): void {
  const buffer = transferred?.buffer;
  worker.postMessage(input, buffer instanceof ArrayBuffer ? [buffer] : []);
}
