/** Whether it fits into 64 bits, one of them the sign. */
export function isInt64(number: bigint): boolean {
  return number === BigInt.asIntN(64, number);
}

/** The whole number that a value is as decimal text; null if it is none, or one that does not fit into 64 bits. */
export function decimalIn(value: Uint8Array): bigint | null {
  if (value.length > DIGITS_MAX + 1) return null;
  const text = String.fromCharCode(...value);
  if (!/^-?\d{1,19}$/.test(text)) return null;
  const number = BigInt(text);
  return isInt64(number) ? number : null;
}

export function toDecimal(number: bigint): Uint8Array {
  return Uint8Array.from(String(number), (digit) => digit.charCodeAt(0));
}

const DIGITS_MAX = 19;
