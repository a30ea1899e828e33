import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { nodesOf, seen } from './nodes.ts';

type LinkMessage =
  | { readonly type: 'data'; readonly bit: number; readonly text: string }
  | { readonly type: 'ack'; readonly bit: number };

/** Bartlett, Scantlebury and Wilkinson, "A note on reliable full-duplex transmission over half-duplex links" (1969). */
class Sender extends Process<LinkMessage, 'resend'> {
  sent = 0;
  readonly texts: readonly string[];

  constructor(texts: readonly string[]) {
    super();
    this.texts = texts;
  }

  override onStart(): void {
    this.transmit();
  }

  override onTimer(): void {
    this.transmit();
  }

  override onMessage(_from: Address, { bit }: LinkMessage): void {
    if (bit !== this.sent % 2) return;
    this.sent += 1;
    if (this.sent < this.texts.length) this.transmit();
    else this.cancelTimer('resend');
  }

  private transmit(): void {
    this.send(address('receiver'), { type: 'data', bit: this.sent % 2, text: this.texts[this.sent] ?? '' });
    this.setTimer('resend', 100);
  }
}

class Receiver extends Process<LinkMessage> {
  received: string[] = [];

  override onMessage(from: Address, message: LinkMessage): void {
    if (message.type !== 'data') return;
    if (message.bit === this.received.length % 2) this.received.push(message.text);
    this.send(from, { type: 'ack', bit: message.bit });
  }
}

/** Broken: one bit is not enough on a network in which an old message may come after a newer one. */
export function alternatingBit(isBroken: boolean): ProcessModelOptions<null> {
  const texts = ['one', 'two', 'three'];
  return {
    nodes: nodesOf({ sender: () => new Sender(texts), receiver: () => new Receiver() }),
    network: isBroken ? 'multiset' : 'fifo',
    budgets: { timers: 2, drops: 1 },
    invariants: {
      inOrder: (world) => {
        const received = seen(world, address('receiver'), Receiver)?.received ?? [];
        return received.every((text, index) => text === texts[index]) ? null : `received: ${received.join(', ')}`;
      },
    },
    goals: { allReceived: (world) => seen(world, address('receiver'), Receiver)?.received.length === 3 },
  };
}
