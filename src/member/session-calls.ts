import type { StoreResponse } from '../store/api.ts';
import { SessionExpiredError, UnknownOutcomeError } from './api.ts';
import type { Relayed } from './session-relay.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const NO_ANSWER = 'the outcome is unknown: ask again at the same position of the session';

/** The calls in sessions that wait for the relay's answer, by id. */
export class SessionCalls {
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  open(send: (id: number) => void): Promise<number> {
    return this.#start(send) as Promise<number>;
  }

  call(send: (id: number) => void): Promise<StoreResponse> {
    return this.#start(send) as Promise<StoreResponse>;
  }

  #start(send: (id: number) => void): Promise<unknown> {
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      send(id);
    });
  }

  settle(outcome: Relayed): void {
    const waiting = this.#waiting.get(outcome.id);
    this.#waiting.delete(outcome.id);
    switch (outcome.type) {
      case 'opened':
        return waiting?.resolve(outcome.session);
      case 'executed':
        return waiting?.resolve(outcome.reply);
      case 'sessionExpired':
        return waiting?.reject(new SessionExpiredError('the session has expired: its client was silent too long'));
      case 'unanswered':
        return waiting?.reject(new UnknownOutcomeError(NO_ANSWER));
      default:
        return outcome satisfies never;
    }
  }

  /** This member answers no more. */
  failAll(why: string): void {
    for (const { reject } of [...this.#waiting.values()]) reject(new UnknownOutcomeError(`${why}: ${NO_ANSWER}`));
    this.#waiting.clear();
  }
}
