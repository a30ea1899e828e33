import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compare, op } from '../client/index.ts';
import { parseTxn } from './txn-script.ts';

describe('a transaction script', () => {
  it('is the transaction that it says', () => {
    const script = `
      # take the lock
      if version lock = 0
      if value "my key" != "two words"
      if mod a < 7
      if create b > 3

      then put lock me
      then get jobs/ --prefix
      else del a --range b   # and a comment
      else get ""\\u0000"" `.replace('""\\u0000""', '"\\u0000"');
    assert.deepEqual(parseTxn(script), {
      compares: [
        compare.version('lock').equals(0),
        compare.value('my key').notEquals('two words'),
        compare.modRevision('a').lessThan(7),
        compare.createRevision('b').greaterThan(3),
      ],
      success: [op.put('lock', 'me'), op.get({ prefix: 'jobs/' })],
      failure: [op.delete({ from: 'a', to: 'b' }), op.get('\0')],
    });
  });

  for (const [script, message] of [
    ['', "the transaction is empty: write lines like 'then put KEY TEXT'; see coterie txn --help"],
    ['than put a b', "line 1 of the transaction: expected if or then or else, found 'than'; see coterie txn --help"],
    ['\nthen put a', 'line 2 of the transaction: TEXT is missing; see coterie txn --help'],
    ['then put a b c', "line 1 of the transaction: 'c' is too much; see coterie txn --help"],
    ['if version a = x', "line 1 of the transaction: expected a whole number, found 'x'; see coterie txn --help"],
    ['then put a "\\x"', 'line 1 of the transaction: "\\x" is no JSON string; see coterie txn --help'],
  ] as const) {
    it(`is refused with the line that is wrong: ${JSON.stringify(script)}`, () => {
      assert.throws(() => parseTxn(script), { code: 'wrongUse', message });
    });
  }
});
