import { connect, createServer, type Server, type Socket } from 'node:net';
import { close, listen } from './ports.ts';

/** The way from one member to another's port: a relay that can be cut, and healed. What is on its way then waits. */
export class Link {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #held: (() => void)[] | null = null;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async open(target: number): Promise<Link> {
    const server = createServer();
    const link = new Link(server, await listen(server, 0));
    server.on('connection', (near) => link.#relay(near, connect(target, '127.0.0.1')));
    return link;
  }

  /** From now on nothing gets through, in either direction, and neither end is told. */
  cut(): void {
    this.#held ??= [];
  }

  heal(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const deliver of held) deliver();
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return close(this.#server);
  }

  #relay(near: Socket, far: Socket): void {
    this.#forward(near, far);
    this.#forward(far, near);
  }

  #forward(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk) => this.#deliver(() => to.write(chunk)));
    from.on('error', () => {}); // 'close' follows
    from.on('close', () => {
      this.#sockets.delete(from);
      this.#deliver(() => to.destroy());
    });
  }

  #deliver(deliver: () => void): void {
    if (this.#held === null) deliver();
    else this.#held.push(deliver);
  }
}
