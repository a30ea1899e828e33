import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { listenError } from './errors.ts';

/** A port that takes connections and hands them on, and that can end them however their protocols fare. */
export class Listener {
  /** `host:port`, as clients are told it. */
  readonly address: string;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>, host: string, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.address = authority(host, port);
    this.port = port;
  }

  /** @throws ListenError */
  static async listen(host: string, port: number, onConnection: (socket: Socket) => void): Promise<Listener> {
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      onConnection(socket);
    });
    try {
      await once(server.listen({ host, port, exclusive: true }), 'listening');
    } catch (error) {
      throw listenError(error, authority(host, port));
    }
    return new Listener(server, sockets, host, (server.address() as AddressInfo).port);
  }

  /** Takes no more connections; resolves when the last one has ended. */
  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Ends the connections that are left. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** An IPv6 address stands in brackets before a port. */
function authority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
