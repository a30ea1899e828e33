/**
 * The natural logarithm and its inverse, from nothing but additions, multiplications and divisions, which IEEE 754 fixes
 * to the last bit. `Math.log` and `Math.exp` are not fixed: Node 24 and Chromium 156 differ in the last bit of some, and
 * so in what a seed draws. Within a few units in the last place of the exact value.
 */
export function logarithm(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) throw new RangeError(`a logarithm needs a positive number: got ${x}`);
  let mantissa = x;
  let exponent = 0;
  for (; mantissa >= Math.SQRT2; mantissa /= 2) exponent += 1;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent -= 1;
  // ln m = 2 artanh s, whose series has only odd powers; |s| < 0.1716.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let odd = LAST_ODD_POWER; odd >= 1; odd -= 2) sum = sum * square + 1 / odd;
  return exponent * Math.LN2 + 2 * s * sum;
}

/** e to the power of x, which is at most 700 either way. */
export function exponential(x: number): number {
  if (!(Math.abs(x) <= 700)) throw new RangeError(`an exponential needs a number from -700 to 700: got ${x}`);
  const exponent = Math.round(x / Math.LN2);
  const rest = x - exponent * Math.LN2;
  let sum = 1;
  for (let power = LAST_POWER; power >= 1; power -= 1) sum = 1 + (rest / power) * sum;
  return sum * twoTo(exponent);
}

/** Exact. */
function twoTo(exponent: number): number {
  let power = 1;
  for (let count = Math.abs(exponent); count > 0; count -= 1) power *= 2;
  return exponent < 0 ? 1 / power : power;
}

/** What the series leave out is below half a unit in the last place. */
const LAST_ODD_POWER = 21;
const LAST_POWER = 17;
