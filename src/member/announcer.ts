import { type Address, address, type NodeId, nodeOf, Process, processOf } from '../kernel/index.ts';

/** Where a member serves clients; `ask` wants the receiver's own announcement in return. */
export type Announce = { readonly type: 'announce'; readonly clientAddress: string; readonly ask: boolean };

const REPEAT_MS = 1_000;

/** Tells the other members where this one serves clients, and keeps what they tell: from best effort to certain. */
export class Announcer extends Process<Announce, 'repeat'> {
  clientAddresses: Map<NodeId, string> = new Map();
  readonly node: NodeId;
  readonly peers: readonly NodeId[];

  constructor(node: NodeId, peers: readonly NodeId[], clientAddress: string) {
    super();
    this.node = node;
    this.peers = peers;
    this.clientAddresses.set(node, clientAddress);
  }

  override onStart(): void {
    this.announceTo(this.peers);
  }

  override onMessage(from: Address, { clientAddress, ask }: Announce): void {
    const node = nodeOf(from);
    this.clientAddresses.set(node, clientAddress);
    if (ask) this.announce(node, false);
  }

  override onTimer(_timer: 'repeat'): void {
    this.announceTo(this.peers.filter((peer) => !this.clientAddresses.has(peer)));
  }

  private announceTo(peers: readonly NodeId[]): void {
    for (const peer of peers) this.announce(peer, true);
    if (peers.length > 0) this.setTimer('repeat', REPEAT_MS);
  }

  private announce(node: NodeId, ask: boolean): void {
    const clientAddress = this.clientAddresses.get(this.node) ?? '';
    this.send(address(node, processOf(this.self)), { type: 'announce', clientAddress, ask });
  }
}
