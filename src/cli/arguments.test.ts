import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from './arguments.ts';
import { type Command, EXIT } from './command.ts';

const copy: Command = {
  name: 'copy',
  summary: 'Copy',
  arguments: ['FROM', 'TO'],
  flags: { times: { value: 'N', help: 'how often' }, quiet: { help: 'say nothing' } },
  notes: '',
  run: async () => EXIT.ok,
};

describe('the argument parser', () => {
  it('reads arguments and flags in any order', () => {
    const given = parse(copy, ['--times', '3', 'a', '--quiet', 'b']);
    assert.deepEqual([given.at(0), given.at(1)], ['a', 'b']);
    assert.equal(given.number('times', { min: 1, max: 9 }), 3);
    assert.equal(given.has('quiet'), true);
    assert.equal(given.has('json'), false);
  });

  it('takes what follows -- as arguments', () => {
    const given = parse(copy, ['--', '-a', '--quiet']);
    assert.deepEqual([given.at(0), given.at(1)], ['-a', '--quiet']);
    assert.equal(given.has('quiet'), false);
  });

  it('takes negative numbers as arguments, with or without --', () => {
    for (const typed of [
      ['-5', '-12.5', '--quiet'],
      ['--quiet', '--', '-5', '-12.5'],
    ]) {
      const given = parse(copy, typed);
      assert.deepEqual([given.at(0), given.at(1), given.has('quiet')], ['-5', '-12.5', true]);
    }
    assert.equal(parse(copy, ['a', '-5', '--times', '-7']).text('times'), '-7');
  });

  it('excuses everything for --help', () => {
    assert.equal(parse(copy, ['--help', '--nonsense']).has('help'), true);
    assert.equal(parse(copy, ['-h']).has('help'), true);
  });

  for (const [typed, message] of [
    [[], 'copy takes FROM and TO: FROM and TO are missing'],
    [['a'], 'copy takes FROM and TO: TO is missing'],
    [['a', 'b', 'c'], "copy takes FROM and TO: 'c' is one too many; put what has spaces in quotes"],
    [['a', 'b', '--time', '3'], "unknown flag '--time': did you mean --times?"],
    [['a', 'b', '--zzzzzzzzz'], "unknown flag '--zzzzzzzzz'"],
    [['a', 'b', '--constructor'], "unknown flag '--constructor'"],
    [['a', '-b'], "unknown flag '-b': before an argument that begins with '-', write --"],
    [['a', 'b', '--times'], '--times needs a value: --times N'],
    [['a', 'b', '--times', '--quiet'], '--times needs a value: --times N'],
    [
      ['a', '--', 'b', '--times', '3'],
      "copy takes FROM and TO: '--times' and '3' are too many; what follows -- is no flag, so write --times before it",
    ],
    [
      ['--', 'a', 'b', '--quiet=1'],
      "copy takes FROM and TO: '--quiet=1' is one too many; what follows -- is no flag, so write --quiet before it",
    ],
    [['--', 'a', 'b', '--x'], "copy takes FROM and TO: '--x' is one too many; put what has spaces in quotes"],
    [['a', 'b', '--quiet=yes'], "--quiet takes no value: got 'yes'"],
    [['a', 'b', '--quiet', '--quiet'], '--quiet is given twice: give it once'],
  ] as const) {
    it(`refuses ${typed.join(' ')}`, () => {
      assert.throws(() => parse(copy, typed), { code: 'wrongUse', message });
    });
  }

  it('reads a number of bytes, with a unit or without', () => {
    const bytes = (times: string) => parse(copy, ['a', 'b', `--times=${times}`]).bytes('times', { min: 100 });
    assert.deepEqual(['100', '1KiB', '64MiB', '1GiB'].map(bytes), [100, 1_024, 67_108_864, 2 ** 30]);
    for (const times of ['99', `${'9'.repeat(15)}GiB`, '1.5MiB', '1MB', '64 MiB', '-1', '', 'KiB']) {
      assert.throws(() => bytes(times), {
        message: `--times is a number of bytes of at least 100, as in 65536 or 64MiB: got '${times}'`,
      });
    }
  });

  it('refuses a number that is none, or out of bounds', () => {
    for (const times of ['x', '0', '10', '1.5', '-1', '']) {
      const given = parse(copy, ['a', 'b', `--times=${times}`]);
      assert.throws(() => given.number('times', { min: 1, max: 9 }), {
        message: `--times is a whole number from 1 to 9: got '${times}'`,
      });
    }
    const negative = parse(copy, ['a', 'b', '--times', '-1']);
    assert.throws(() => negative.number('times', { min: 1, max: 9 }), { message: /from 1 to 9: got '-1'$/ });
  });
});
