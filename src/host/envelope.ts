import { decode } from '../kernel/decode.ts';
import { encode } from '../kernel/encode.ts';
import type { Message } from '../kernel/process.ts';
import { allocateFrame, FRAME_HEAD_BYTES, sealFrame } from './frame.ts';

/** A message on its way between two nodes: the names are those of processes within their nodes. */
export interface Envelope {
  readonly to: string;
  readonly from: string;
  readonly message: Message;
}

/** The connection says between which nodes; so a message to several peers is one and the same frame. */
export function encodeEnvelope({ to, from, message }: Envelope): Buffer {
  const body = encode(message);
  const toBytes = Buffer.byteLength(to);
  const fromBytes = Buffer.byteLength(from);
  const frame = allocateFrame(2 + toBytes + fromBytes + body.length);
  let at = FRAME_HEAD_BYTES;
  frame[at] = toBytes;
  frame[at + 1] = fromBytes;
  at += 2;
  at += frame.write(to, at);
  at += frame.write(from, at);
  frame.set(body, at);
  return sealFrame(frame);
}

export function decodeEnvelope(payload: Buffer): Envelope {
  const toEnd = 2 + (payload[0] ?? 0);
  const fromEnd = toEnd + (payload[1] ?? 0);
  const message = decode(new Uint8Array(payload.buffer, payload.byteOffset + fromEnd, payload.length - fromEnd));
  if (!isMessage(message)) throw new Error('what a frame holds is not a message');
  return { to: payload.toString('utf8', 2, toEnd), from: payload.toString('utf8', toEnd, fromEnd), message };
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
