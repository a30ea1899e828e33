/** Of a fragment, before its part of the message. */
export const FRAGMENT_HEAD_BYTES = 9;
/** What keeping a fragment takes beside its content, about. */
export const PART_BYTES = 100;
/** Of a message, beside its body and its metadata. */
export const HEAD_BYTES_MAX = 1_024;
/** Index and count of fragments have 16 bits. */
const FRAGMENTS_MAX = 2 ** 16 - 1;

export interface FragmentLimits {
  /** Of a datagram, its head and tag included. */
  readonly datagramBytesMax: number;
  /** Of a message. */
  readonly messageBytesMax: number;
  /** Of the fragments kept of messages that are not complete; beyond it, the oldest of these messages is lost. */
  readonly incompleteBytesMax: number;
  /** An incomplete message is lost after this. */
  readonly incompleteMsMax: number;
}

/** What carries datagrams: how it seals them, and how large one can be. */
interface Carrier {
  readonly tagBytes: number;
  readonly datagramBytesMax: number;
}

/** What is wrong with limits, naming one, what it may be and what it is; null if all messages arrive that they allow. */
export function objectionToLimits(limits: FragmentLimits, carrier: Carrier): string | null {
  const { datagramBytesMax, messageBytesMax, incompleteBytesMax, incompleteMsMax } = limits;
  const { tagBytes } = carrier;
  const headBytes = FRAGMENT_HEAD_BYTES + tagBytes;
  const partBytes = datagramBytesMax - headBytes;
  const isCut = 1 + messageBytesMax + tagBytes > datagramBytesMax;
  const parts = Math.ceil((messageBytesMax + tagBytes) / partBytes);
  const whole = Number.MAX_SAFE_INTEGER;
  // Of a message that is cut, all parts but the last have to be kept at once.
  const keptBytes = isCut ? (parts - 1) * (PART_BYTES + partBytes) : 0;
  return (
    objection('datagramBytesMax', datagramBytesMax, [headBytes + 1, carrier.datagramBytesMax]) ??
    objection('messageBytesMax', messageBytesMax, [HEAD_BYTES_MAX, FRAGMENTS_MAX * partBytes - tagBytes]) ??
    objection('incompleteBytesMax', incompleteBytesMax, [keptBytes, whole]) ??
    objection('incompleteMsMax', incompleteMsMax, [isCut ? 1 : 0, whole])
  );
}

function objection(name: keyof FragmentLimits, value: number, [min, max]: readonly [number, number]): string | null {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return null;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  return `limits.${name} is a whole number ${range} (${WHY[name]}): got ${value}`;
}

const WHY: { readonly [Name in keyof FragmentLimits]: string } = {
  datagramBytesMax: 'more than the head and the tag of a fragment, and no more than is carried',
  messageBytesMax: `room for a call's head, and no more than ${FRAGMENTS_MAX} fragments hold`,
  incompleteBytesMax: 'what the largest message takes while its last fragment is missing',
  incompleteMsMax: 'more than 0 if messages are larger than datagrams',
};
