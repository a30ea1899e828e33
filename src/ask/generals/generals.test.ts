import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answerGenerals } from './answer.ts';
import { chainOf } from './chain.ts';
import { protocolsOf } from './protocols.ts';
import type { GeneralsQuestion } from './question.ts';
import { executionsOf, type SeenExecution, schedulesOf } from './views.ts';

function ask(messages: number, lossesMax: number = messages): GeneralsQuestion {
  return { type: 'generals', title: 'Generals', messages, lossesMax };
}

/** Tries every decision function, one by one. */
function tried(executions: readonly SeenExecution[]): { readonly agreeing: number; readonly useful: number } {
  const views = [...new Set(executions.flatMap((each) => [`A ${each.views.A}`, `B ${each.views.B}`]))];
  const numbers = new Map(views.map((view, index) => [view, index]));
  const cases = executions.map(({ ordered, arrived, views: seen }) => ({
    a: 1 << (numbers.get(`A ${seen.A}`) ?? 0),
    b: 1 << (numbers.get(`B ${seen.B}`) ?? 0),
    must: ordered ? (arrived.every((each) => each) ? true : null) : false,
  }));
  const count = { agreeing: 0, useful: 0 };
  for (let decisions = 0; decisions < 1 << views.length; decisions += 1) {
    const attacks = (view: number): boolean => (decisions & view) !== 0;
    if (!cases.every(({ a, b }) => attacks(a) === attacks(b))) continue;
    count.agreeing += 1;
    if (cases.every(({ a, must }) => must === null || attacks(a) === must)) count.useful += 1;
  }
  return count;
}

describe('two generals', () => {
  test('counted by groups of views are as many protocols as there are when each is tried', () => {
    let compared = 0;
    for (const messages of [0, 1, 2, 3]) {
      for (const schedule of schedulesOf(messages)) {
        for (let losses = 0; losses <= messages; losses += 1) {
          const executions = executionsOf(schedule, losses);
          const { views, groups, free } = protocolsOf(executions);
          if (views > 16) continue;
          const expected = { agreeing: 2 ** groups, useful: free === null ? 0 : 2 ** free };
          assert.deepEqual(tried(executions), expected, `${schedule} with ${losses} losses`);
          compared += 1;
        }
      }
    }
    assert.equal(compared, 35); // the other 14 have more views than can be tried
  });

  test('with any loss, only to heed nothing always agrees, whatever the schedule', () => {
    for (const messages of [0, 1, 2, 3, 4, 5]) {
      const { agreeing, useful, isPossible } = answerGenerals(ask(messages));
      // Always attack and never attack, for each schedule. If all is lost, B sees the same with an order and without.
      assert.deepEqual([agreeing, useful, isPossible], [2n * 2n ** BigInt(messages), 0n, false]);
    }
  });

  test('with one loss fewer than messages, A only has to repeat its order', () => {
    for (const messages of [1, 2, 3, 4]) {
      assert.equal(answerGenerals(ask(messages, messages - 1)).isPossible, true);
      assert.equal(answerGenerals(ask(messages)).possibleWithLosses, messages - 1);
    }
  });

  test('the reason is a chain of executions, each like the one before to somebody', () => {
    const links = chainOf(executionsOf(['A', 'B', 'A'], 3)) ?? [];
    assert.equal(links.length, 5);
    for (const [index, { execution, same }] of links.entries()) {
      const before = links[index - 1];
      if (before === undefined || same === null) assert.deepEqual([index, same], [0, null]);
      else assert.equal(execution.views[same], before.execution.views[same]);
    }
    const ends = [links[0], links.at(-1)].map((link) => link?.execution.ordered);
    assert.deepEqual(ends, [true, false]);
  });

  test('without losses there is no such chain', () => {
    assert.equal(chainOf(executionsOf(['A', 'B', 'A'], 0)), null);
  });
});
