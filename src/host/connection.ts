import type { Socket } from 'node:net';
import type { NodeId } from '../kernel/address.ts';
import type { Acquaintances } from './acquaintances.ts';
import { FrameReader, frameOf } from './frame.ts';
import {
  decodeGreeting,
  encodeGreeting,
  GREETING_BYTES_MAX,
  type Greeting,
  objectionTo,
  PROTOCOL,
} from './handshake.ts';
import type { Lineage } from './lineage.ts';

export interface ConnectionOptions {
  readonly node: NodeId;
  readonly cluster: string;
  readonly lineage: Lineage;
  /** Null: this node takes everybody for a stranger. */
  readonly acquaintances: Acquaintances | null;
  /** Whom this node has dialled; null if the other side did. */
  readonly dialled: NodeId | null;
  readonly frameBytesMax: number;
  readonly onReady: (connection: Connection, peer: NodeId) => void;
  readonly onPayload: (peer: NodeId, payload: Buffer) => void;
  /** Once, whatever the reason; null if the other side just closed. */
  readonly onClosed: (connection: Connection, reason: Error | null) => void;
}

/** Longer than any pause of the event loop that is worth surviving, shorter than TCP's own patience of many minutes. */
const SILENCE_MS_MAX = 10_000;
const PING_AFTER_MS = 2_000;
/** Parts from this size on are not copied together with others. */
const COPIED_BYTES_MAX = 65_536;
const PING = frameOf(new Uint8Array(0));

/** One TCP connection to a peer: greets, then carries frames; joins all that is sent within a tick into one write. */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader = new FrameReader();
  #peer: NodeId | null = null;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #lastReceived: number = performance.now();
  #lastSent: number = performance.now();
  #closed: { readonly reason: Error | null } | null = null;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.close(error));
    socket.on('close', () => this.close(null));
    if (options.dialled !== null) this.#greet(options.dialled);
  }

  /** Bytes that were sent but not yet taken by the operating system. */
  get queuedBytes(): number {
    return this.#queuedBytes + this.#socket.writableLength;
  }

  /** Sends a frame with the next `flush`. */
  send(frame: Buffer): void {
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
  }

  flush(): void {
    if (this.#queue.length === 0 || this.#closed !== null) return;
    this.#socket.cork();
    for (const part of joinSmall(this.#queue)) this.#socket.write(part);
    this.#socket.uncork();
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#lastSent = performance.now();
  }

  /** Keeps an idle connection in use, and gives up one that has gone silent: called now and then. */
  check(): void {
    const now = performance.now();
    if (now - this.#lastReceived > SILENCE_MS_MAX) this.close(new Error(`silent for ${SILENCE_MS_MAX} ms`));
    else if (this.#peer !== null && now - this.#lastSent > PING_AFTER_MS) {
      this.send(PING);
      this.flush();
    }
  }

  close(reason: Error | null): void {
    this.#end(reason, () => this.#socket.destroy());
  }

  #end(reason: Error | null, leave: () => void): void {
    if (this.#closed !== null) return;
    this.#closed = { reason };
    leave();
    this.#options.onClosed(this, reason);
  }

  #receive(chunk: Buffer): void {
    this.#lastReceived = performance.now();
    const bytesMax = (): number => (this.#peer === null ? GREETING_BYTES_MAX : this.#options.frameBytesMax);
    try {
      for (const payload of this.#reader.read(chunk, bytesMax)) {
        if (this.#closed !== null) return;
        if (this.#peer === null) this.#onGreeting(decodeGreeting(payload));
        else if (payload.length > 0) this.#options.onPayload(this.#peer, payload);
      }
    } catch (error) {
      this.close(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #onGreeting(greeting: Greeting): void {
    const { node, cluster, dialled, lineage, acquaintances } = this.#options;
    const objection = objectionTo(greeting, { node, cluster, expected: dialled, lineage, acquaintances });
    if (objection !== null || greeting.type === 'refused') {
      if (dialled === null) this.#write({ type: 'refused', reason: objection ?? '' });
      this.#end(new Error(objection ?? 'refused'), () => this.#socket.destroySoon());
      return;
    }
    this.#peer = greeting.from;
    acquaintances?.met(greeting.from, greeting.lineage);
    if (dialled === null) this.#greet(greeting.from);
    this.#options.onReady(this, greeting.from);
  }

  #greet(to: NodeId): void {
    const { node, cluster, lineage, acquaintances } = this.#options;
    const met = acquaintances?.sightingOf(to) ?? null;
    this.#write({ type: 'hello', protocol: PROTOCOL, cluster, from: node, to, lineage, met });
  }

  #write(greeting: Greeting): void {
    this.#socket.write(frameOf(encodeGreeting(greeting)));
  }
}

/** The same bytes in fewer parts. */
function joinSmall(frames: readonly Buffer[]): Buffer[] {
  const parts: Buffer[] = [];
  let small: Buffer[] = [];
  const join = (): void => {
    if (small.length > 0) parts.push(small.length === 1 && small[0] !== undefined ? small[0] : Buffer.concat(small));
    small = [];
  };
  for (const frame of frames) {
    if (frame.length < COPIED_BYTES_MAX) {
      small.push(frame);
    } else {
      join();
      parts.push(frame);
    }
  }
  join();
  return parts;
}
