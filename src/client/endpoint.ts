import { Client, connectivityState, credentials, Metadata } from '@grpc/grpc-js';
import { type CallFailure, toCallFailure } from './call-failure.ts';
import type { UnaryCall } from './wire-requests.ts';

export type CallOutcome<Reply> = { readonly type: 'reply'; readonly reply: Reply } | CallFailure;

const NO_METADATA = new Metadata();

/** A member of a cluster, where it serves clients: one connection, made when it is first needed and again when lost. */
export class Endpoint {
  readonly address: string;
  readonly #client: Client;

  constructor(address: string) {
    this.address = address;
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.enable_retries': 0,
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.min_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 1_000,
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      // Endpoints that share connections would share their failures.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** Whether the last attempt to connect failed, and there was no other since. */
  isBackingOff(): boolean {
    return this.#client.getChannel().getConnectivityState(true) === connectivityState.TRANSIENT_FAILURE;
  }

  /** Resolves when an endpoint that backs off has done with that, or at the deadline. */
  backedOff(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const channel = this.#client.getChannel();
      channel.watchConnectivityState(connectivityState.TRANSIENT_FAILURE, deadline, () => resolve());
    });
  }

  /** Whether there is a connection, once it is clear. A refused connection is clear at once. */
  async connected(deadline: number): Promise<boolean> {
    const channel = this.#client.getChannel();
    for (;;) {
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return true;
      if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN) return false;
      const changed = await new Promise<boolean>((resolve) => {
        channel.watchConnectivityState(state, deadline, (error) => resolve(error === undefined));
      });
      if (!changed) return false;
    }
  }

  /**
   * Sends a call, once. Resolves in every case but one: rejects with the signal's reason, if that aborts first.
   *
   * The member is not told how long we wait: it would give up in the same moment, and whether its "not executed" or our
   * "unknown" came first would be chance. It gives up on its own, after 5 seconds.
   */
  send<Reply>(call: UnaryCall<Reply>, waitMs: number, signal: AbortSignal | undefined): Promise<CallOutcome<Reply>> {
    return new Promise((resolve, reject) => {
      const { path, body, decode } = call;
      const under = this.#client.makeUnaryRequest(path, same, decode, body, NO_METADATA, {}, (error, reply) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        if (error !== null) resolve(toCallFailure(error));
        else if (reply === undefined) resolve({ type: 'unknown', why: 'the server answered with nothing' });
        else resolve({ type: 'reply', reply });
      });
      const timer = setTimeout(() => {
        resolve({ type: 'unknown', why: `no answer within ${waitMs} ms` });
        under.cancel();
      }, waitMs);
      const abort = (): void => {
        reject(signal?.reason);
        under.cancel();
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  close(): void {
    this.#client.close();
  }
}

function same(body: Buffer): Buffer {
  return body;
}
