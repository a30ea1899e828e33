import { randomInt } from 'node:crypto';
import { type DatagramLink, type Endpoint, formatEndpoint, openTcpLink, openUdpLink } from '../host/index.ts';
import { type Address, address, nodeOf } from '../kernel/index.ts';
import type { requestReply as protocol } from '../protocols/index.ts';
import { MalformedError } from './byte-stream.ts';
import { type FragmentLimits, objectionToLimits } from './fragment-limits.ts';
import { Fragmenter, type IntegrityCounters, Reassembler } from './fragments.ts';
import { Authenticator, Checksum, type Seal } from './integrity.ts';
import { decodeMessage, encodeMessage } from './message-codec.ts';
import { OptionError } from './options.ts';

export type TransportKind = 'udp' | 'tcp';

export interface ChannelOptions {
  readonly kind: TransportKind;
  /** Null for a client: it is reached by whom it has sent something. */
  readonly listen: Endpoint | null;
  /** Of a client's socket: which IP the servers speak that it reaches. */
  readonly family?: 4 | 6;
  /** Shared by both sides: then datagrams are authenticated instead of only checked. */
  readonly key: Uint8Array | null;
  readonly limits?: Partial<FragmentLimits>;
  readonly onMessage: (from: Address, message: protocol.RequestReplyMessage) => void;
}

export interface ChannelCounters extends IntegrityCounters {
  /** Datagrams. */
  sent: number;
  received: number;
}

const LIMITS: { readonly [Kind in TransportKind]: FragmentLimits } = {
  // What every IPv6 path takes, less its headers; and what the usual receive buffer of a socket takes at once.
  udp: {
    datagramBytesMax: 1_232,
    messageBytesMax: 128 * 1024,
    incompleteBytesMax: 8 * 1024 * 1024,
    incompleteMsMax: 2_000,
  },
  tcp: {
    datagramBytesMax: 4 * 1024 * 1024,
    messageBytesMax: 4 * 1024 * 1024 - 64,
    incompleteBytesMax: 0,
    incompleteMsMax: 0,
  },
};

/** Of UDP, in IPv4; of TCP, what the length of a frame can say. */
const DATAGRAM_BYTES_MAX: { readonly [Kind in TransportKind]: number } = { udp: 65_507, tcp: 2 ** 32 - 1 };

/** @throws OptionError */
function limitsOf(kind: TransportKind, { tagBytes }: Seal, given: Partial<FragmentLimits> = {}): FragmentLimits {
  const limits = { ...LIMITS[kind], ...given };
  const objection = objectionToLimits(limits, { tagBytes, datagramBytesMax: DATAGRAM_BYTES_MAX[kind] });
  if (objection !== null) throw new OptionError('badLimits', `over ${kind}, ${objection}`);
  return limits;
}

/** Messages of request-reply over datagrams: codec, fragmentation, integrity, transport, one on the other. */
export class Channel {
  readonly kind: TransportKind;
  readonly messageBytesMax: number;
  readonly #family: 4 | 6 | null;
  readonly #link: DatagramLink;
  readonly #fragmenter: Fragmenter;
  readonly #reassembler: Reassembler;
  readonly #traffic: { sent: number; received: number };

  /** @throws DatagramLinkError, OptionError */
  static async open(options: ChannelOptions): Promise<Channel> {
    const { kind, listen, onMessage } = options;
    const seal: Seal = options.key === null ? new Checksum() : new Authenticator(options.key);
    const limits = limitsOf(kind, seal, options.limits);
    const reassembler = new Reassembler(seal, limits);
    const traffic = { sent: 0, received: 0 };
    const onDatagram = (datagram: Buffer, from: string): void => {
      traffic.received += 1;
      const message = reassembler.take(datagram, from, performance.now());
      if (message === null) return;
      try {
        onMessage(address(`${kind}:${from}`), decodeMessage(message));
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error;
        reassembler.counters.malformed += 1;
      }
    };
    const onBrokenFrame = (fault: 'corrupted' | 'malformed'): void => {
      traffic.received += 1;
      reassembler.counters[fault] += 1;
    };
    const { datagramBytesMax } = limits;
    const link =
      kind === 'udp'
        ? await openUdpLink({ listen, onDatagram }, options.family)
        : await openTcpLink({ listen, onDatagram, onBrokenFrame, datagramBytesMax });
    const { family = null } = options;
    return new Channel({ kind, family, seal, limits, link, reassembler, traffic });
  }

  private constructor(parts: {
    readonly kind: TransportKind;
    readonly family: 4 | 6 | null;
    readonly seal: Seal;
    readonly limits: FragmentLimits;
    readonly link: DatagramLink;
    readonly reassembler: Reassembler;
    readonly traffic: { sent: number; received: number };
  }) {
    this.kind = parts.kind;
    this.messageBytesMax = parts.limits.messageBytesMax;
    this.#family = parts.family;
    this.#link = parts.link;
    this.#fragmenter = new Fragmenter(parts.seal, parts.limits, randomInt(2 ** 32));
    this.#reassembler = parts.reassembler;
    this.#traffic = parts.traffic;
  }

  get endpoint(): Endpoint {
    return this.#link.endpoint;
  }

  get counters(): ChannelCounters {
    return { ...this.#traffic, ...this.#reassembler.counters };
  }

  /** To an address of this kind of transport. */
  send(to: Address, message: protocol.RequestReplyMessage): void {
    const endpoint = nodeOf(to).slice(this.kind.length + 1);
    const encoded = encodeMessage(message);
    if (encoded.length > this.messageBytesMax && message.type === 'reply') {
      return this.send(to, { ...message, result: this.#tooLarge(encoded.length) });
    }
    for (const datagram of this.#fragmenter.cut(encoded)) {
      this.#traffic.sent += 1;
      this.#link.send(endpoint, datagram);
    }
  }

  /** What is said in place of a reply that the other side would not put together. */
  #tooLarge(bytes: number): protocol.Result {
    const limit = `at most ${this.messageBytesMax} are sent over ${this.kind}`;
    return { type: 'failed', message: `the reply has ${bytes} bytes, and ${limit}: ask for less, or use TCP` };
  }

  /** Whether an address is of its kind of transport, and of its family if it has one. */
  owns(to: Address): boolean {
    if (!to.startsWith(`${this.kind}:`)) return false;
    return this.#family === null || this.#family === (to.startsWith('[', this.kind.length + 1) ? 6 : 4);
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

export function addressOf(kind: TransportKind, endpoint: Endpoint): Address {
  return address(`${kind}:${formatEndpoint(endpoint)}`);
}
