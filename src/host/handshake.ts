import type { NodeId } from '../kernel/address.ts';
import { decode } from '../kernel/decode.ts';
import { encode } from '../kernel/encode.ts';
import { type Acquaintances, LOST_DATA_REMEDY } from './acquaintances.ts';
import { goesOnFrom, isLineage, isSighting, type Lineage, NO_LINEAGE, type Sighting } from './lineage.ts';

/** The first frame in each direction. Its shape stays what it is, whatever becomes of the rest. */
export type Greeting =
  | {
      readonly type: 'hello';
      readonly protocol: number;
      readonly cluster: string;
      readonly from: NodeId;
      readonly to: NodeId;
      readonly lineage: Lineage;
      /** With which data the sender last met whom it greets; null if never. */
      readonly met: Sighting | null;
    }
  | { readonly type: 'refused'; readonly reason: string };

export const PROTOCOL = 2;
export const GREETING_BYTES_MAX = 4096;

export function encodeGreeting(greeting: Greeting): Uint8Array {
  return encode(greeting);
}

export function decodeGreeting(payload: Uint8Array): Greeting {
  const value = decode(payload);
  if (typeof value !== 'object' || value === null) throw new Error('the peer does not greet as a node does');
  const { type, protocol, cluster, from, to, lineage, met, reason } = { ...value } as Record<string, unknown>;
  if (type === 'refused') return { type, reason: String(reason) };
  if (type !== 'hello' || typeof protocol !== 'number') throw new Error('the peer does not greet as a node does');
  return {
    type,
    protocol,
    cluster: String(cluster),
    from: String(from),
    to: String(to),
    lineage: isLineage(lineage) ? lineage : NO_LINEAGE, // of another protocol, which is going to be refused
    met: isSighting(met) ? met : null,
  };
}

/** Who is greeted. */
export interface Greeted {
  readonly node: NodeId;
  readonly cluster: string;
  /** Whom it dialled, if it did. */
  readonly expected: NodeId | null;
  readonly lineage: Lineage;
  readonly acquaintances: Acquaintances | null;
}

/** Why a node should not talk to whoever greets so; null if it should. */
export function objectionTo(
  greeting: Greeting,
  { node, cluster, expected, lineage, acquaintances }: Greeted,
): string | null {
  if (greeting.type === 'refused') return `it refused: ${greeting.reason}`;
  if (greeting.protocol !== PROTOCOL)
    return `it speaks protocol ${greeting.protocol}, node "${node}" speaks ${PROTOCOL}`;
  if (greeting.cluster !== cluster) {
    return `it belongs to cluster "${greeting.cluster}", node "${node}" to cluster "${cluster}"`;
  }
  if (greeting.to !== node) return `it wants to talk to node "${greeting.to}", this is node "${node}"`;
  if (greeting.from === node) return `it has the same name as this node, "${node}"`;
  if (expected !== null && greeting.from !== expected) return `it is node "${greeting.from}", not node "${expected}"`;
  if (greeting.met !== null && !goesOnFrom(lineage, greeting.met)) {
    return `node "${greeting.from}" has met this node, "${node}", with data that it has not now: ${LOST_DATA_REMEDY}`;
  }
  return acquaintances?.objectionTo(greeting.from, greeting.lineage) ?? null;
}
