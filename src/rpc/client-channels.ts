import { isIPv6 } from 'node:net';
import type { Endpoint } from '../host/index.ts';
import type { Address } from '../kernel/index.ts';
import type { requestReply as protocol } from '../protocols/index.ts';
import { addressOf, Channel, type ChannelCounters, type ChannelOptions } from './channel.ts';

export type ClientChannelOptions = Omit<ChannelOptions, 'listen' | 'family'>;

/** What a client sends by: over UDP a socket for each IP family that its servers have, over TCP one channel for both. */
export class ClientChannels {
  /** Of the servers, by those families that this machine speaks. */
  readonly endpoints: readonly Endpoint[];
  readonly #channels: readonly [Channel, ...Channel[]];

  /**
   * A family for which this machine opens no socket is left out, if it opens one for the other.
   * @throws DatagramLinkError, OptionError
   */
  static async open(
    options: ClientChannelOptions,
    servers: readonly Endpoint[],
    openOne: (options: ChannelOptions) => Promise<Channel> = Channel.open,
  ): Promise<ClientChannels> {
    const families = options.kind === 'udp' ? [...new Set(servers.map(familyOf))] : [null];
    const opened = await Promise.allSettled(
      families.map((family) => openOne({ ...options, listen: null, ...(family !== null && { family }) })),
    );
    const [first, ...others] = opened.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    if (first === undefined) throw opened.find((one) => one.status === 'rejected')?.reason;
    const channels = [first, ...others] as const;
    const isReached = (server: Endpoint): boolean =>
      channels.some((channel) => channel.owns(addressOf(options.kind, server)));
    return new ClientChannels(servers.filter(isReached), channels);
  }

  private constructor(endpoints: readonly Endpoint[], channels: readonly [Channel, ...Channel[]]) {
    this.endpoints = endpoints;
    this.#channels = channels;
  }

  /** The same of each. */
  get messageBytesMax(): number {
    return this.#channels[0].messageBytesMax;
  }

  /** Of all together. */
  get counters(): ChannelCounters {
    return this.#channels.map(({ counters }) => counters).reduce(sum);
  }

  send(to: Address, message: protocol.RequestReplyMessage): void {
    this.#channels.find((channel) => channel.owns(to))?.send(to, message);
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) await channel.close();
  }
}

function familyOf({ host }: Endpoint): 4 | 6 {
  return isIPv6(host) ? 6 : 4;
}

function sum(one: ChannelCounters, other: ChannelCounters): ChannelCounters {
  return {
    sent: one.sent + other.sent,
    received: one.received + other.received,
    corrupted: one.corrupted + other.corrupted,
    malformed: one.malformed + other.malformed,
    incomplete: one.incomplete + other.incomplete,
  };
}
