import assert from 'node:assert/strict';
import { it } from 'node:test';
import { utf8Text } from './utf8-text.ts';

it('text that is not UTF-8 is refused instead of changed', () => {
  assert.equal(utf8Text(Buffer.from('then put a é\ufffd'), 'stdin'), 'then put a é\ufffd');
  assert.throws(() => utf8Text(Uint8Array.of(0x61, 0xff), 'stdin'), { code: 'failed', message: /^stdin is not UTF-8/ });
});
