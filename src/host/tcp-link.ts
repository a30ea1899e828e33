import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import {
  type DatagramLink,
  DatagramLinkError,
  type DatagramLinkOptions,
  formatEndpoint,
  parseEndpoint,
  resolveEndpoint,
} from './datagrams.ts';
import { CorruptFrameError, type FrameFault, FrameReader, frameOf } from './frame.ts';
import type { Endpoint } from './transport.ts';

export interface TcpLinkOptions extends DatagramLinkOptions {
  /** A longer one ends its connection. */
  readonly datagramBytesMax: number;
  /** What came is no intact frame. It ends its connection: where the next one would begin is not known. */
  readonly onBrokenFrame: (fault: FrameFault) => void;
  /**
   * A connection that was dialled here is dialled anew when it is used, and nothing came through it for so long. The system
   * would send again what a broken network swallowed, but after minutes of that only once in minutes. Default 3,000.
   */
  readonly silentMsMax?: number;
  /** Milliseconds of a clock that only goes forward. Default `performance.now`. */
  readonly now?: () => number;
}

/** What waits for a peer that does not read; beyond it datagrams are lost. */
const QUEUED_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Datagrams as frames over TCP, one connection for each pair of sides: in order and rarely lost while it lasts. With it
 * goes what was under way, and it is dialled again by the side that knows where the other listens.
 * @throws DatagramLinkError
 */
export async function openTcpLink(options: TcpLinkOptions): Promise<DatagramLink> {
  const { listen } = options;
  if (listen === null) return new TcpLink(options, null, { host: '0.0.0.0', port: 0 });
  const at = await resolveEndpoint(listen);
  const server = createServer({ noDelay: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new DatagramLinkError('TCP', at, cause)));
    server.listen(at, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return new TcpLink(options, server, { host: address, port });
}

const SILENT_MS_MAX = 3_000;

/** What went through a connection since something came through it. */
interface Silence {
  sent: number;
  /** When the second one did: the first may have been the last word of what was before. */
  fromMs: number;
}

/** Counts what is about to be sent. */
function isTooLong(silence: Silence, msMax: number, nowMs: number): boolean {
  silence.sent += 1;
  if (silence.sent === 2) silence.fromMs = nowMs;
  return silence.sent > 2 && nowMs - silence.fromMs > msMax;
}

class TcpLink implements DatagramLink {
  readonly endpoint: Endpoint;
  readonly #options: TcpLinkOptions;
  readonly #server: Server | null;
  /** By the other side's endpoint. */
  readonly #sockets = new Map<string, Socket>();
  /** Of those that were dialled here. */
  readonly #silences = new WeakMap<Socket, Silence>();
  /** Sockets to be uncorked when all that arrived in this turn is handled. */
  #corked: Socket[] = [];
  #isClosed = false;

  constructor(options: TcpLinkOptions, server: Server | null, endpoint: Endpoint) {
    this.#options = options;
    this.#server = server;
    this.endpoint = endpoint;
    server?.on('connection', (socket) => {
      const { remoteAddress: host, remotePort: port } = socket;
      if (host === undefined || port === undefined) socket.destroy();
      else this.#adopt(formatEndpoint({ host, port }), socket);
    });
  }

  send(to: string, datagram: Uint8Array): void {
    const socket = this.#usable(to) ?? this.#dial(to);
    if (socket === null || socket.writableLength > QUEUED_BYTES_MAX) return;
    if (socket.writableCorked === 0) this.#cork(socket);
    socket.write(frameOf(datagram));
  }

  #usable(to: string): Socket | undefined {
    const socket = this.#sockets.get(to);
    const silence = socket === undefined ? undefined : this.#silences.get(socket);
    const { silentMsMax = SILENT_MS_MAX, now = () => performance.now() } = this.#options;
    if (silence === undefined || !isTooLong(silence, silentMsMax, now())) return socket;
    this.#sockets.delete(to);
    socket?.destroy();
    return undefined;
  }

  /** One write for all that is sent in a turn of the event loop. */
  #cork(socket: Socket): void {
    socket.cork();
    this.#corked.push(socket);
    if (this.#corked.length > 1) return;
    setImmediate(() => {
      const corked = this.#corked;
      this.#corked = [];
      for (const each of corked) each.uncork();
    });
  }

  #dial(to: string): Socket | null {
    const endpoint = this.#isClosed ? null : parseEndpoint(to);
    if (endpoint === null) return null;
    const socket = connect({ ...endpoint, noDelay: true });
    this.#silences.set(socket, { sent: 0, fromMs: 0 });
    this.#adopt(to, socket);
    return socket;
  }

  #adopt(other: string, socket: Socket): void {
    const reader = new FrameReader();
    this.#sockets.set(other, socket);
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      if (this.#sockets.get(other) === socket) this.#sockets.delete(other);
    });
    socket.on('data', (chunk) => {
      const silence = this.#silences.get(socket);
      if (silence !== undefined) silence.sent = 0;
      try {
        for (const frame of reader.read(chunk, () => this.#options.datagramBytesMax)) {
          this.#options.onDatagram(frame, other);
        }
      } catch (error) {
        if (!(error instanceof CorruptFrameError)) throw error;
        socket.destroy();
        this.#options.onBrokenFrame(error.fault);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#server === null) resolve();
    else this.#server.close(() => resolve());
    for (const socket of this.#sockets.values()) {
      // What a client said last, such as an acknowledgement, is still sent; nothing waits for a peer that does not read.
      if (this.#server === null && !socket.connecting) socket.unref().destroySoon();
      else socket.destroy();
    }
    await promise;
  }
}
