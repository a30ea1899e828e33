import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Random } from '../../src/kernel/index.ts';

/** What becomes of datagrams: probabilities, each drawn by itself. */
export interface Unreliability {
  readonly loss: number;
  readonly duplication: number;
  readonly corruption: number;
  /** Of being held back, so that others overtake. */
  readonly delay: number;
  readonly delayMsMax: number;
}

/** How often what happened. */
export interface ProxyCounters {
  forwarded: number;
  lost: number;
  duplicated: number;
  corrupted: number;
  delayed: number;
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * Stands between clients and a server, both on UDP sockets, and does to datagrams of both directions what bad networks
 * do. Each client has a socket of its own towards the server, so that the server's answers find their way.
 */
export class UnreliableProxy {
  readonly counters: ProxyCounters = { forwarded: 0, lost: 0, duplicated: 0, corrupted: 0, delayed: 0 };
  readonly port: number;
  readonly #front: Socket;
  readonly #towardsServer = new Map<string, Socket>();
  readonly #random: Random;
  readonly #unreliability: Unreliability;
  readonly #serverPort: number;
  #isClosed = false;

  static async open(serverPort: number, unreliability: Unreliability, random: Random): Promise<UnreliableProxy> {
    const front = createSocket('udp4');
    front.bind(0, '127.0.0.1');
    await once(front, 'listening');
    return new UnreliableProxy(front, serverPort, unreliability, random);
  }

  private constructor(front: Socket, serverPort: number, unreliability: Unreliability, random: Random) {
    this.#front = front;
    this.port = front.address().port;
    this.#serverPort = serverPort;
    this.#unreliability = unreliability;
    this.#random = random;
    front.on('message', (datagram, { address, port }) => {
      const back = this.#socketFor({ address, port });
      this.#mistreat(datagram, (each) => back.send(each, this.#serverPort, '127.0.0.1'));
    });
  }

  #socketFor(client: Endpoint): Socket {
    const key = `${client.address}:${client.port}`;
    let socket = this.#towardsServer.get(key);
    if (socket === undefined) {
      socket = createSocket('udp4');
      this.#towardsServer.set(key, socket);
      socket.on('error', () => undefined); // of sending to a server that is down
      socket.on('message', (datagram) => {
        this.#mistreat(datagram, (each) => this.#front.send(each, client.port, client.address));
      });
      socket.bind(0, '127.0.0.1');
    }
    return socket;
  }

  #mistreat(datagram: Buffer, send: (datagram: Buffer) => void): void {
    const { loss, duplication } = this.#unreliability;
    if (this.#draw(loss)) {
      this.counters.lost += 1;
      return;
    }
    this.#forward(datagram, send);
    if (!this.#draw(duplication)) return;
    this.counters.duplicated += 1;
    this.#forward(datagram, send);
  }

  #forward(datagram: Buffer, send: (datagram: Buffer) => void): void {
    const { corruption, delay, delayMsMax } = this.#unreliability;
    let content = datagram;
    if (this.#draw(corruption)) {
      this.counters.corrupted += 1;
      content = this.#corrupt(datagram);
    }
    this.counters.forwarded += 1;
    if (!this.#draw(delay)) return send(content);
    this.counters.delayed += 1;
    setTimeout(
      () => {
        if (!this.#isClosed) send(content);
      },
      this.#random.between(0, delayMsMax),
    );
  }

  /** Flips bits, overwrites a stretch, cuts off the end, or adds to it. Always leaves something else. */
  #corrupt(datagram: Buffer): Buffer {
    const random = this.#random;
    const copy = Buffer.from(datagram);
    switch (random.integer(4)) {
      case 0:
        return copy.subarray(0, random.integer(copy.length));
      case 1:
        return Buffer.concat([copy, Buffer.from([random.integer(256)])]);
      case 2: {
        const at = random.integer(copy.length);
        for (let index = at; index < Math.min(copy.length, at + 8); index += 1) copy[index] = random.integer(256);
        copy[at] = ((datagram[at] ?? 0) + 1 + random.integer(255)) % 256;
        return copy;
      }
      default: {
        const at = random.integer(copy.length);
        copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(8));
        return copy;
      }
    }
  }

  #draw(probability: number): boolean {
    return this.#random.chance(probability);
  }

  close(): void {
    this.#isClosed = true;
    this.#front.close();
    for (const socket of this.#towardsServer.values()) socket.close();
  }
}
