/**
 * Frames between peers: length, CRC-32, payload; all little-endian, 32 bits each. The checksum is zlib's, in native
 * code, as it runs over every byte sent; it is there to notice what TCP's own 16-bit sum lets through.
 */
import { crc32 } from 'node:zlib';

export const FRAME_HEAD_BYTES = 8;

/** `corrupted` if the checksum does not fit; `malformed` if more is announced than a frame has, as by what is no frame. */
export type FrameFault = 'corrupted' | 'malformed';

export class CorruptFrameError extends Error {
  override readonly name = 'CorruptFrameError';
  readonly code = 'corruptFrame';
  readonly fault: FrameFault;

  constructor(fault: FrameFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** Allocates a frame; the caller fills its payload and then calls `sealFrame`. */
export function allocateFrame(payloadBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + payloadBytes);
  frame.writeUInt32LE(payloadBytes, 0);
  return frame;
}

export function sealFrame(frame: Buffer): Buffer {
  frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEAD_BYTES)), 4);
  return frame;
}

export function frameOf(payload: Uint8Array): Buffer {
  const frame = allocateFrame(payload.length);
  frame.set(payload, FRAME_HEAD_BYTES);
  return sealFrame(frame);
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes needed before the next frame, or its head, can be read: spares joining the chunks of a long frame again and again. */
  #wanted = FRAME_HEAD_BYTES;

  /**
   * The payloads that are complete with this chunk; each is a copy, so that what keeps a part of a message keeps no more.
   * @throws CorruptFrameError
   */
  *read(chunk: Buffer, payloadBytesMax: () => number): Generator<Buffer, void, undefined> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wanted) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bytes);
    let at = 0;
    this.#wanted = FRAME_HEAD_BYTES;
    while (bytes.length - at >= FRAME_HEAD_BYTES) {
      const length = bytes.readUInt32LE(at);
      if (length > payloadBytesMax()) {
        const bounds = `at most ${payloadBytesMax()} are allowed`;
        throw new CorruptFrameError('malformed', `a frame announces ${length} bytes, ${bounds}`);
      }
      const end = at + FRAME_HEAD_BYTES + length;
      if (end > bytes.length) {
        this.#wanted = end - at;
        break;
      }
      yield readPayload(bytes, at, end);
      at = end;
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#bytes = bytes.length - at;
  }
}

function readPayload(bytes: Buffer, at: number, end: number): Buffer {
  const payload = Buffer.allocUnsafeSlow(end - at - FRAME_HEAD_BYTES);
  bytes.copy(payload, 0, at + FRAME_HEAD_BYTES, end);
  const expected = bytes.readUInt32LE(at + 4);
  const found = crc32(payload);
  if (found === expected) return payload;
  const sums = `${found.toString(16)}, expected ${expected.toString(16)}`;
  throw new CorruptFrameError('corrupted', `a frame's checksum is ${sums}`);
}
