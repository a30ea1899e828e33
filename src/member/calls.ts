import type { CallOutcome } from '../protocols/index.ts';
import type { StoreResponse } from '../store/api.ts';
import { UnavailableError, UnknownOutcomeError } from './api.ts';

interface Waiting {
  readonly resolve: (response: StoreResponse) => void;
  readonly reject: (error: Error) => void;
  readonly forget: () => void;
  /** A query that was never answered had no effect. */
  readonly isQuery: boolean;
}

/** The calls that wait for the gateway's answer, by id. */
export class Calls {
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Sends a call and waits for what becomes of it.
   * @param cancel tells the gateway that nobody waits any more
   */
  start(
    isQuery: boolean,
    signal: AbortSignal | undefined,
    send: (id: number) => void,
    cancel: (id: number) => void,
  ): Promise<StoreResponse> {
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(id);
        cancel(id);
        reject(signal?.reason);
      };
      const forget = () => {
        this.#waiting.delete(id);
        signal?.removeEventListener('abort', abort);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.set(id, { resolve, reject, forget, isQuery });
      send(id);
    });
  }

  settle(outcome: CallOutcome): void {
    const waiting = this.#waiting.get(outcome.id);
    if (waiting === undefined) return;
    waiting.forget();
    switch (outcome.type) {
      case 'answered':
        return waiting.resolve(outcome.reply as StoreResponse);
      case 'unavailable':
        return waiting.reject(unavailable(outcome.reason));
      case 'unknownOutcome':
        return waiting.reject(new UnknownOutcomeError(NO_ANSWER));
      default:
        return outcome satisfies never;
    }
  }

  /** This member answers no more. */
  failAll(why: string): void {
    for (const { forget, reject, isQuery } of [...this.#waiting.values()]) {
      forget();
      reject(isQuery ? new UnavailableError(why) : new UnknownOutcomeError(`${why}: ${NO_ANSWER}`));
    }
  }
}

const NO_ANSWER =
  'the outcome is unknown: the request was sent and not answered in time, so it may have been executed, or may still ' +
  'be; read before you write again';

function unavailable(reason: 'noLeader' | 'overloaded'): UnavailableError {
  switch (reason) {
    case 'noLeader':
      return new UnavailableError(
        'not executed: no leader was reached in time; see that more than half of the members run and reach each other',
      );
    case 'overloaded':
      return new UnavailableError('not executed: the leader has as many requests waiting as it takes; try again later');
    default:
      return reason satisfies never;
  }
}
