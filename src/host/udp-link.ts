import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import {
  type DatagramLink,
  DatagramLinkError,
  type DatagramLinkOptions,
  parseEndpoint,
  resolveEndpoint,
} from './datagrams.ts';
import type { Endpoint } from './transport.ts';

/** Asked for; the operating system may give less. */
const BUFFER_BYTES = 4 * 1024 * 1024;
/** Endpoints whose text is kept read; beyond that all are read again. */
const ENDPOINTS_MAX = 10_000;

/**
 * Datagrams over UDP, IPv4 or IPv6 as the address to listen on is; with none, as `family` says.
 * @throws DatagramLinkError
 */
export async function openUdpLink(
  { listen, onDatagram }: DatagramLinkOptions,
  family: 4 | 6 = 4,
): Promise<DatagramLink> {
  const at = await resolveEndpoint(listen ?? { host: family === 4 ? '0.0.0.0' : '::', port: 0 });
  const version = isIPv6(at.host) ? 6 : 4;
  // Endpoints are IP addresses already.
  const socket = createSocket({ type: `udp${version}`, lookup: (host, _options, done) => done(null, host, version) });
  socket.on('message', (datagram, { family, address, port }) => {
    onDatagram(datagram, family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`);
  });
  await bind(socket, at);
  socket.on('error', () => undefined); // of single datagrams, such as one that nobody took: they count as lost
  for (const set of [() => socket.setRecvBufferSize(BUFFER_BYTES), () => socket.setSendBufferSize(BUFFER_BYTES)]) {
    try {
      set();
    } catch {
      // Smaller buffers lose more.
    }
  }
  return new UdpLink(socket);
}

function bind(socket: Socket, { host, port }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      socket.close();
      reject(new DatagramLinkError('UDP', { host, port }, cause));
    };
    socket.once('error', fail);
    socket.bind({ address: host, port }, () => {
      socket.off('error', fail);
      resolve();
    });
  });
}

class UdpLink implements DatagramLink {
  readonly endpoint: Endpoint;
  readonly #socket: Socket;
  readonly #endpoints = new Map<string, Endpoint | null>();
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.endpoint = { host: address, port };
  }

  send(to: string, datagram: Uint8Array): void {
    if (this.#isClosed) return;
    const endpoint = this.#parse(to);
    // Without a callback, which would be a fifth of the work.
    if (endpoint !== null) this.#socket.send(datagram, endpoint.port, endpoint.host);
  }

  #parse(text: string): Endpoint | null {
    let endpoint = this.#endpoints.get(text);
    if (endpoint === undefined) {
      if (this.#endpoints.size >= ENDPOINTS_MAX) this.#endpoints.clear();
      endpoint = parseEndpoint(text);
      this.#endpoints.set(text, endpoint);
    }
    return endpoint;
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}
