import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { type Address, type NodeId, nodeOf, processOf } from '../kernel/address.ts';
import type { Message } from '../kernel/process.ts';
import type { Acquaintances } from './acquaintances.ts';
import { Connection } from './connection.ts';
import { decodeEnvelope, encodeEnvelope } from './envelope.ts';
import { CorruptFrameError } from './frame.ts';
import { type Lineage, NO_LINEAGE } from './lineage.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface TransportOptions {
  readonly node: NodeId;
  readonly cluster: string;
  /** Of this node's data; none for a node that keeps nothing. */
  readonly lineage?: Lineage;
  readonly acquaintances?: Acquaintances;
  readonly peers: ReadonlyMap<NodeId, Endpoint>;
  /** A message has arrived for the process named `to` of this node. */
  readonly onMessage: (to: string, from: { readonly node: NodeId; readonly process: string }, message: Message) => void;
  /** Lines for the operator: peers that come and go, and why. */
  readonly onLog?: (line: string) => void;
  readonly frameBytesMax?: number;
  /** Per peer; more is dropped, as a network may. */
  readonly queueBytesMax?: number;
}

export interface TransportMetrics {
  sentMessages: number;
  sentBytes: number;
  receivedMessages: number;
  receivedBytes: number;
  droppedUnconnected: number;
  droppedQueueFull: number;
  corruptFrames: number;
  connections: number;
  refusals: number;
}

export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError';
  readonly code = 'messageTooLarge';

  constructor(message: Message, bytes: number, bytesMax: number) {
    super(`a message '${message.type}' takes ${bytes} bytes, at most ${bytesMax} can be sent; send it in parts`);
  }
}

const FRAME_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;
const QUEUE_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 2_000;
const CHECK_MS = 1_000;

interface Peer {
  readonly node: NodeId;
  endpoint: Endpoint | null;
  connection: Connection | null;
  dialling: Connection | null;
  failures: number;
  retry: NodeJS.Timeout | null;
  lastReason: string;
}

/**
 * Messages between nodes over TCP. Of two nodes the one whose name sorts first dials, the other listens, so that
 * there is one connection a pair. What can't be sent now is lost, as on any network: protocols retry, and stale
 * messages would only stand in the way of fresh ones. Peers are not authenticated: the listener belongs on a
 * network of the operator's own.
 */
export class Transport {
  readonly metrics: TransportMetrics = {
    sentMessages: 0,
    sentBytes: 0,
    receivedMessages: 0,
    receivedBytes: 0,
    droppedUnconnected: 0,
    droppedQueueFull: 0,
    corruptFrames: 0,
    connections: 0,
    refusals: 0,
  };
  readonly #options: TransportOptions;
  readonly #frameBytesMax: number;
  readonly #queueBytesMax: number;
  readonly #peers = new Map<NodeId, Peer>();
  readonly #accepted = new Set<Connection>(); // not yet known to be anyone's
  readonly #unflushed = new Set<Connection>();
  readonly #checks: NodeJS.Timeout;
  #server: Server | null = null;
  #isClosed = false;
  #lastRefusal = '';
  // A message to several peers is encoded once.
  #lastMessage: Message | null = null;
  #lastTo = '';
  #lastFrom = '';
  #lastFrame: Buffer = Buffer.alloc(0);

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#frameBytesMax = options.frameBytesMax ?? FRAME_BYTES_MAX_DEFAULT;
    this.#queueBytesMax = options.queueBytesMax ?? QUEUE_BYTES_MAX_DEFAULT;
    this.#checks = setInterval(() => this.#check(), CHECK_MS);
    this.#checks.unref();
    this.setPeers(options.peers);
  }

  /** Accepts peers. A port of 0 takes a free one; resolves to the address in use. */
  listen({ host, port }: Endpoint): Promise<Endpoint> {
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true }, (socket) => {
        this.#accepted.add(new Connection(socket, this.#connectionOptions(null)));
      });
      this.#server = server;
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#log(`the listener for peers failed: ${error.message}`));
        const { address, port: bound } = server.address() as AddressInfo;
        resolve({ host: address, port: bound });
      });
    });
  }

  /** Replaces who the peers are and where; connections to those that stay where they are stay. */
  setPeers(endpoints: ReadonlyMap<NodeId, Endpoint>): void {
    for (const [node, peer] of this.#peers) if (!endpoints.has(node)) this.#forget(peer);
    for (const [node, endpoint] of endpoints) {
      if (node === this.#options.node) continue;
      const peer = this.#peerOf(node);
      const isMoved = peer.endpoint?.host !== endpoint.host || peer.endpoint.port !== endpoint.port;
      peer.endpoint = endpoint;
      if (isMoved) this.#dial(peer);
    }
  }

  isPeer(node: NodeId): boolean {
    return this.#peers.has(node);
  }

  isConnected(node: NodeId): boolean {
    return (this.#peers.get(node)?.connection ?? null) !== null;
  }

  /**
   * Sends with the next `flush`, if there is a connection and room.
   * @throws MessageTooLargeError
   */
  send(to: Address, from: Address, message: Message): void {
    const connection = this.#peers.get(nodeOf(to))?.connection ?? null;
    if (connection === null) {
      this.metrics.droppedUnconnected += 1;
      return;
    }
    const frame = this.#frame(processOf(to), processOf(from), message);
    if (connection.queuedBytes > 0 && connection.queuedBytes + frame.length > this.#queueBytesMax) {
      this.metrics.droppedQueueFull += 1;
      return;
    }
    connection.send(frame);
    this.#unflushed.add(connection);
    this.metrics.sentMessages += 1;
    this.metrics.sentBytes += frame.length;
  }

  /** Writes what was sent since the last time: one write a peer. */
  flush(): void {
    if (this.#unflushed.size === 0) return;
    for (const connection of this.#unflushed) connection.flush();
    this.#unflushed.clear();
    this.#lastMessage = null;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#checks);
    const server = this.#server;
    const closed = new Promise<void>((resolve) => (server?.listening ? server.close(() => resolve()) : resolve()));
    for (const peer of [...this.#peers.values()]) this.#forget(peer);
    for (const connection of this.#accepted) connection.close(null);
    await closed;
  }

  #frame(to: string, from: string, message: Message): Buffer {
    if (message !== this.#lastMessage || to !== this.#lastTo || from !== this.#lastFrom) {
      const frame = encodeEnvelope({ to, from, message });
      if (frame.length > this.#frameBytesMax)
        throw new MessageTooLargeError(message, frame.length, this.#frameBytesMax);
      this.#lastFrame = frame;
      this.#lastMessage = message;
      this.#lastTo = to;
      this.#lastFrom = from;
    }
    return this.#lastFrame;
  }

  #connectionOptions(dialled: NodeId | null): ConstructorParameters<typeof Connection>[1] {
    return {
      node: this.#options.node,
      cluster: this.#options.cluster,
      lineage: this.#options.lineage ?? NO_LINEAGE,
      acquaintances: this.#options.acquaintances ?? null,
      dialled,
      frameBytesMax: this.#frameBytesMax,
      onReady: (connection, node) => this.#onReady(connection, node),
      onPayload: (node, payload) => this.#onPayload(node, payload),
      onClosed: (connection, reason) => this.#onClosed(connection, reason),
    };
  }

  #peerOf(node: NodeId): Peer {
    let peer = this.#peers.get(node);
    if (peer === undefined) {
      peer = { node, endpoint: null, connection: null, dialling: null, failures: 0, retry: null, lastReason: '' };
      this.#peers.set(node, peer);
    }
    return peer;
  }

  #forget(peer: Peer): void {
    this.#peers.delete(peer.node);
    if (peer.retry !== null) clearTimeout(peer.retry);
    peer.dialling?.close(null);
    peer.connection?.close(null);
  }

  #dial(peer: Peer): void {
    if (this.#isClosed || peer.endpoint === null || this.#options.node > peer.node) return;
    if (peer.retry !== null) clearTimeout(peer.retry);
    peer.retry = null;
    const before = peer.dialling ?? peer.connection;
    const { host, port } = peer.endpoint;
    peer.dialling = new Connection(connect({ host, port, noDelay: true }), this.#connectionOptions(peer.node));
    before?.close(null);
  }

  #onReady(connection: Connection, node: NodeId): void {
    this.#accepted.delete(connection);
    const peer = this.#peerOf(node);
    const before = peer.connection;
    peer.connection = connection;
    peer.dialling = null;
    peer.failures = 0;
    peer.lastReason = '';
    this.metrics.connections += 1;
    before?.close(null); // the other side dialled anew: it has lost the old one
    this.#log(`connected to node "${node}"`);
  }

  #onPayload(node: NodeId, payload: Buffer): void {
    this.metrics.receivedMessages += 1;
    this.metrics.receivedBytes += payload.length;
    const { to, from, message } = decodeEnvelope(payload);
    this.#options.onMessage(to, { node, process: from }, message);
  }

  #onClosed(connection: Connection, reason: Error | null): void {
    this.#unflushed.delete(connection);
    if (reason instanceof CorruptFrameError) this.metrics.corruptFrames += 1;
    if (this.#accepted.delete(connection)) {
      this.metrics.refusals += 1;
      if (reason !== null) this.#logRefusal(reason.message);
      return;
    }
    for (const peer of this.#peers.values()) {
      if (peer.connection !== connection && peer.dialling !== connection) continue;
      if (peer.connection === connection) peer.connection = null;
      if (peer.dialling === connection) peer.dialling = null;
      this.#onLost(peer, reason?.message ?? 'the other side closed the connection');
    }
  }

  #onLost(peer: Peer, reason: string): void {
    if (this.#isClosed) return;
    if (reason !== peer.lastReason) this.#log(`no connection to node "${peer.node}": ${reason}`); // once, not each time
    peer.lastReason = reason;
    if (this.#options.node > peer.node || peer.dialling !== null || peer.connection !== null) return;
    const backOffMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** peer.failures);
    peer.failures += 1;
    peer.retry = setTimeout(() => this.#dial(peer), backOffMs * (0.5 + Math.random() / 2));
  }

  #check(): void {
    for (const { connection, dialling } of this.#peers.values()) {
      connection?.check();
      dialling?.check();
    }
    for (const connection of this.#accepted) connection.check();
  }

  /** Once, not each time that the other side tries again. */
  #logRefusal(reason: string): void {
    if (reason !== this.#lastRefusal) this.#log(`refused a connection: ${reason}`);
    this.#lastRefusal = reason;
  }

  #log(line: string): void {
    this.#options.onLog?.(line);
  }
}
