import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Replica, type Vote } from '../../protocols/index.ts';
import { storeNode } from '../../store/node.ts';
import { parseScenario } from '../parse.ts';
import { htmlReport } from './html-report.ts';
import type { FailureKind, YearScenario } from './scenario.ts';
import { summarise } from './summary.ts';
import { textReport } from './text-report.ts';
import { Year } from './year.ts';

const FILE = new URL('../../../scenarios/year-of-a-cluster.jsonc', import.meta.url);
const DAY_MS = 86_400_000;

function shipped(): YearScenario {
  const scenario = parseScenario(readFileSync(FILE, 'utf8'), 'year-of-a-cluster');
  if (scenario.system !== 'year') throw new Error('the shipped year is about a cluster');
  return scenario;
}

/** A few days in which as much happens as in a year, and it gets too hot for certain. */
function hardDays(days: number, more: Partial<YearScenario['failures']> = {}): YearScenario {
  const scenario = shipped();
  const failures = Object.fromEntries(
    Object.entries({ ...scenario.failures, ...more }).map(([kind, field]) => {
      const often = kind === 'machineFailure' || kind === 'diskFailure' ? 4 : 1;
      return [kind, { ...field, count: (field.count * 365 * often) / (days * 4) }];
    }),
  ) as YearScenario['failures'];
  return { ...scenario, days, failures };
}

function simulated(year: Year, groups: number): Parameters<typeof summarise>[1] {
  return new Map(Array.from({ length: groups }, (_, group) => [group, year.group(group)] as const));
}

test('the shipped year has the failures that are published', () => {
  const year = new Year(shipped(), 1);
  const count = (kind: FailureKind): number => year.incidents.filter((incident) => incident.kind === kind).length;
  assert.deepEqual(
    (['powerUnit', 'rackMove', 'rackFailure', 'lossyRack', 'routerReload', 'routerFailure'] as const).map(count),
    [1, 1, 20, 5, 12, 3],
  );
  assert.deepEqual([count('machineFailure'), count('diskFailure'), count('blip')], [1000, 3000, 36]);
  assert.equal(count('rewiring'), 100, '5% of 2,000 machines');
  assert.equal(count('connectivityLoss'), 4 * 30, 'four maintenances, every minute of half an hour');
  const hot = Array.from({ length: 40 }, (_, seed) => new Year(shipped(), seed)).filter(({ incidents }) =>
    incidents.some(({ kind }) => kind === 'overheating'),
  );
  assert.ok(hot.length > 8 && hot.length < 32, `it got too hot in ${hot.length} of 40 years`);
  const [down] = year.incidents.filter(({ kind }) => kind === 'powerUnit');
  assert.ok(down?.type === 'down' && down.machines.length >= 500 && down.machines.length <= 1000);
});

test('every group stands in five racks, with no majority on one power unit, and hardly a machine has two replicas', () => {
  const { cluster } = new Year(shipped(), 3);
  const taken = new Set<number>();
  for (const machines of cluster.groups) {
    const racks = machines.map(cluster.rackOf);
    assert.equal(new Set(racks).size, 5);
    for (let unit = 0; unit < 3; unit += 1) {
      assert.ok(racks.filter((rack) => cluster.powerUnitOf(rack) === unit).length <= 2);
    }
    for (const machine of machines) taken.add(machine);
  }
  assert.ok(taken.size >= 1990, `${taken.size} machines`);
});

test('in hard days nothing that was acknowledged is lost, and a group answers as soon as it can', () => {
  const year = new Year(hardDays(10, { overheating: { count: 4, minutes: [1440, 2880], share: 1, loss: 0 } }), 1);
  const summary = summarise(year, simulated(year, 3));
  assert.equal(summary.failure, null);
  assert.equal(summary.lostWrites, 0);
  assert.ok(summary.acknowledgedWrites > 500, `${summary.acknowledgedWrites} writes`);
  assert.ok(summary.replacedReplicas > 0, 'disks fail');
  assert.ok(
    summary.longest !== null && summary.longest.toMs - summary.longest.fromMs > DAY_MS,
    'it was too hot for a day',
  );
  assert.equal(summary.longest.cause, 'overheating');
  for (const { downMs, year: group } of summary.groups) {
    const withoutMajority = group.withoutMajority.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    assert.ok(withoutMajority > DAY_MS);
    assert.ok(downMs < withoutMajority + 30 * 60_000, 'what is not for want of machines is over in half an hour');
  }
  assert.match(textReport(year, summary), /acknowledged and lost {4}0\n/);
  assert.match(htmlReport(year, summary), /<dt>of those lost<\/dt><dd>0<\/dd>/);
});

test('the same seed gives the same year', () => {
  const year = (): unknown => new Year(hardDays(3), 5).group(1);
  assert.deepEqual(year(), year());
});

test('a store that does not log its votes is caught losing writes', () => {
  const forgetful = class extends Replica {
    protected override vote(vote: Vote): void {
      this.promise(vote.ballot);
      if (vote.slot > this.log.base) this.log.put(vote);
    }
  };
  const scenario = hardDays(10, { overheating: { count: 4, minutes: [1440, 2880], share: 1, loss: 0 } });
  const year = new Year(scenario, 1, { node: (options) => storeNode({ ...options, replica: forgetful }) });
  assert.notEqual(year.group(0).failure, null);
});
