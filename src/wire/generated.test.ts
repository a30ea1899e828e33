import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateWire } from '../../scripts/generate-wire.ts';

test('the generated code is what the generator makes of proto/: run `npm run wire` after a change there', () => {
  const generated = generateWire();
  assert.equal(generated.size, 3);
  for (const [path, text] of generated) assert.equal(readFileSync(path, 'utf8'), text, path);
});
