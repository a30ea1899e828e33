/** What one client asked of a shared object, and what it got. Times are of one clock, that of an observer of all. */
export interface Operation<I = unknown, O = unknown> {
  readonly client: string;
  readonly invokeAt: number;
  /** Null if the outcome is unknown: it may have taken effect at any time since, may still do so, or never. */
  readonly completeAt: number | null;
  readonly input: I;
  /** What it answered; means nothing while the outcome is unknown. */
  readonly output: O | undefined;
}

interface OpenOperation<I> {
  readonly client: string;
  readonly invokeAt: number;
  readonly input: I;
}

/** Gathers the operations of a run as they begin and end. */
export class History<I = unknown, O = unknown> {
  readonly #ended: Operation<I, O>[] = [];
  readonly #open = new Map<number, OpenOperation<I>>();
  #nextId = 0;

  /** An operation begins; the number returned is what it ends by. */
  invoke(client: string, input: I, atMs: number): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#open.set(id, { client, invokeAt: atMs, input });
    return id;
  }

  /** It was answered. */
  complete(id: number, output: O, atMs: number): void {
    this.#ended.push({ ...this.#close(id), completeAt: atMs, output });
  }

  /** It is certain that it had no effect and never will: it is as if it had not been. */
  fail(id: number): void {
    this.#close(id);
  }

  /** Its client gave up waiting. What is never ended counts as this too. */
  lose(id: number): void {
    this.#ended.push({ ...this.#close(id), completeAt: null, output: undefined });
  }

  get operations(): Operation<I, O>[] {
    const open = [...this.#open.values()].map((operation) => ({ ...operation, completeAt: null, output: undefined }));
    return [...this.#ended, ...open].sort((a, b) => a.invokeAt - b.invokeAt);
  }

  #close(id: number): OpenOperation<I> {
    const operation = this.#open.get(id);
    if (operation === undefined) throw new Error(`operation ${id} has not begun, or has ended already`);
    this.#open.delete(id);
    return operation;
  }
}
