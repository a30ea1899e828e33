import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Agreement, DEFAULT_AGREEMENT, type RetryPolicy } from './agreement.ts';
import { objectionToAgreement } from './objection.ts';

function objectionTo(retry: Partial<RetryPolicy>, others: Partial<Agreement> = {}): string | null {
  return objectionToAgreement({ ...DEFAULT_AGREEMENT, ...others, retry: { ...DEFAULT_AGREEMENT.retry, ...retry } });
}

test('the default agreement is one, and so are those at the ends of the ranges', () => {
  assert.equal(objectionToAgreement(DEFAULT_AGREEMENT), null);
  assert.equal(objectionTo({ tries: 1, backoff: 1, jitter: 0 }, { driftMax: 0, propagationMsMax: 1 }), null);
  assert.equal(objectionTo({ tries: 1_000, backoff: 1e300, jitter: 0.99 }, { driftMax: 0.49 }), null);
});

test('what is no agreement is told by field, range and value', () => {
  const tries = /^agreement\.retry\.tries is a whole number from 1 to 1000 .*: got /;
  for (const value of [0, -1, 2.5, Number.NaN, 1_001, 1e6, Number.POSITIVE_INFINITY]) {
    const objection = objectionTo({ tries: value }) ?? '';
    assert.match(objection, tries);
    assert.ok(objection.endsWith(`: got ${value}`), objection);
  }
  for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 86_400_001]) {
    const expected = `is more than 0 and at most 86400000 ms: got ${value}`;
    assert.equal(objectionTo({ firstTimeoutMs: value }), `agreement.retry.firstTimeoutMs ${expected}`);
    assert.equal(objectionTo({ timeoutMsMax: value }), `agreement.retry.timeoutMsMax ${expected}`);
    assert.equal(objectionTo({}, { propagationMsMax: value }), `agreement.propagationMsMax ${expected}`);
  }
  for (const value of [0.99, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.equal(objectionTo({ backoff: value }), `agreement.retry.backoff is a finite number from 1: got ${value}`);
  }
  for (const value of [-0.1, 1, Number.NaN]) {
    const expected = `agreement.retry.jitter is a number from 0 and less than 1: got ${value}`;
    assert.equal(objectionTo({ jitter: value }), expected);
  }
  for (const value of [-0.1, 0.5, Number.NaN]) {
    const expected = `agreement.driftMax is a number from 0 and less than 0.5: got ${value}`;
    assert.equal(objectionTo({}, { driftMax: value }), expected);
  }
});

test('what only an untyped caller can give is told as well', () => {
  const untyped: object = { afterCrash: 'prayers', driftMax: '0.1' };
  assert.match(objectionTo({}, untyped) ?? '', /^agreement\.driftMax is .*: got 0\.1$/);
  const rule: object = { afterCrash: 'prayers' };
  const rules = 'one of nothing, persisted, silence, incarnations';
  assert.equal(objectionTo({}, rule), `agreement.afterCrash is ${rules}: got prayers`);
  const retry: object = { timeoutMsMax: undefined };
  assert.match(objectionTo(retry) ?? '', /^agreement\.retry\.timeoutMsMax is .*: got undefined$/);
});

test('an agreement by which a server would have to remember calls for days is none', () => {
  const hours = { firstTimeoutMs: 3_600_000, timeoutMsMax: 3_600_000 };
  assert.equal(objectionTo({ ...hours, tries: 20 }), null);
  assert.match(
    objectionTo({ ...hours, tries: 50 }) ?? '',
    /remembered for \d+ ms, of at most 86400000: agree on fewer/,
  );
});
