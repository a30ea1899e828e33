import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';
import { shellWord } from './shell-word.ts';

it('a word for the shell is read back as it was', () => {
  const words = ['plain', './a/b-c.d', '', 'two words', "it's", '$HOME', '*', '"', 'a\\b'];
  const read = execFileSync('sh', ['-c', `printf '%s\\n' ${words.map(shellWord).join(' ')}`], { encoding: 'utf8' });
  assert.deepEqual(read, `${words.join('\n')}\n`);
  assert.equal(shellWord('./a/b-c.d'), './a/b-c.d');
});
