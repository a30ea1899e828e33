import fc from 'fast-check';

/** A class whose state is plain data, as parts of processes are. */
export class Ballot {
  readonly round: number;
  readonly node: string;

  constructor(round: number, node: string) {
    this.round = round;
    this.node = node;
  }
}

const bytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 40 });
const fieldName: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ maxLength: 6 }),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom('type', '$type', 'a'),
  )
  .filter((name) => name !== '__proto__');

const scalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, false, 0, -0, Number.NaN, Infinity, -Infinity, '', '\ud800', 'é😀'),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.string({ maxLength: 50 }),
  fc.bigInt(),
  bytes,
);

function nested(leaf: fc.Arbitrary<unknown>, more: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('inner')),
    inner: fc.oneof(
      fc.array(tie('value'), { maxLength: 20 }),
      fc.dictionary(fieldName, tie('value'), { maxKeys: 18, noNullPrototype: true }),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
      fc.array(tie('value'), { maxLength: 5 }).map((items) => new Set(items)),
      ...more,
    ),
  })).value;
}

/** Plain data that the codec takes: no class instances. */
export const plainData: fc.Arbitrary<unknown> = nested(scalar, []);

/** Plain data as processes hold it. */
export const processState: fc.Arbitrary<unknown> = nested(scalar, [
  fc.tuple(fc.nat(), fc.string({ maxLength: 3 })).map(([round, node]) => new Ballot(round, node)),
]);
