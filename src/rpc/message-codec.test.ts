import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { requestReply as protocol } from '../protocols/index.ts';
import { MalformedError } from './byte-stream.ts';
import { decodeMessage, encodeMessage, NAME_BYTES_MAX } from './message-codec.ts';

const whole = fc.maxSafeNat();
const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => value !== '__proto__');
const bytes = fc.uint8Array({ maxLength: 300 });
const PLAIN = { noNullPrototype: true } as const;
const client = fc.string({ unit: 'grapheme', maxLength: 5 });
const id = fc.record({ client, life: whole, sequence: whole }, PLAIN);

const result: fc.Arbitrary<protocol.Result> = fc.oneof(
  fc.record({ type: fc.constant('done' as const), body: bytes }, PLAIN),
  fc.record({ type: fc.constantFrom('rejected', 'failed', 'unavailable', 'interrupted'), message: text }, PLAIN),
  fc.record({ type: fc.constant('sessionExpired' as const) }, PLAIN),
);

const message: fc.Arbitrary<protocol.RequestReplyMessage> = fc.oneof(
  fc.record(
    {
      type: fc.constant('request' as const),
      id,
      server: whole,
      filtered: fc.boolean(),
      session: whole,
      acknowledged: whole,
      method: text,
      body: bytes,
      metadata: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
      afterCrash: fc.constantFrom('nothing', 'persisted', 'silence', 'incarnations'),
      spanMs: whole,
      stampMs: whole,
      sinceStampMs: whole,
      patienceMs: fc.oneof(fc.nat(), fc.constant(Number.POSITIVE_INFINITY)),
    },
    PLAIN,
  ),
  fc.record(
    { type: fc.constant('reply' as const), id, server: whole, stampMs: whole, final: fc.boolean(), result },
    PLAIN,
  ),
  fc.record(
    {
      type: fc.constant('refused' as const),
      id,
      server: whole,
      stampMs: whole,
      final: fc.boolean(),
      reason: fc.constantFrom(
        'overloaded',
        'staleServer',
        'noSuchMethod',
        'late',
        'otherRule',
        'longerSpan',
        'underWay',
      ),
      retryAfterMs: fc.nat(),
    },
    PLAIN,
  ),
  fc.record({ type: fc.constant('acknowledge' as const), client, life: whole, acknowledged: whole }, PLAIN),
  fc.record({ type: fc.constant('abandon' as const), id }, PLAIN),
  fc.record({ type: fc.constant('exterminate' as const), client, life: whole }, PLAIN),
);

test('every message is read as it was written', () => {
  fc.assert(fc.property(message, (given) => assert.deepEqual(decodeMessage(encodeMessage(given)), given)));
});

test('a message that is cut short, or goes on behind its end, is malformed', () => {
  fc.assert(
    fc.property(message, fc.nat(), (given, at) => {
      const encoded = encodeMessage(given);
      assert.throws(() => decodeMessage(encoded.subarray(0, at % encoded.length)), MalformedError);
      assert.throws(() => decodeMessage(Buffer.concat([encoded, Buffer.alloc(1)])), MalformedError);
    }),
  );
});

test('a message is malformed whose client has a name that would take more of a server than its calls', () => {
  const exterminate = (length: number) => encodeMessage({ type: 'exterminate', client: 'x'.repeat(length), life: 1 });
  assert.equal(decodeMessage(exterminate(NAME_BYTES_MAX)).type, 'exterminate');
  assert.throws(() => decodeMessage(exterminate(NAME_BYTES_MAX + 1)), MalformedError);
});

test('whatever bytes come, they are a message or malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (given) => {
      try {
        decodeMessage(Buffer.from(given));
      } catch (error) {
        assert.ok(error instanceof MalformedError);
      }
    }),
  );
});
