import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equal, Random } from '../kernel/index.ts';
import { nodesOfDomains } from './domains.ts';
import { linksBetween, oneWay } from './faults.ts';
import { swarm } from './swarm.ts';

const nodes = ['a', 'b', 'c', 'd', 'e'];
const domains = { rack1: ['a', 'b'], rack2: ['c'], north: ['rack1', 'rack2'], empty: ['z'], loop: ['loop', 'd'] };

test('a domain has the nodes of the domains in it, once each', () => {
  assert.deepEqual(nodesOfDomains(domains, nodes), [['a', 'b'], ['c'], ['a', 'b', 'c'], ['d']]);
});

test('some faults strike a whole domain, and some cut it off from all others', () => {
  const north = ['a', 'b', 'c'];
  const south = ['d', 'e'];
  const cuts = [linksBetween(north, south), oneWay({ from: north, to: south }), oneWay({ from: south, to: north })];
  let struck = 0;
  let cut = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const bounds = { nodes, domains: [north], faultsUntilMs: 10_000, driftPpm: 100 };
    for (const fault of swarm(new Random(seed), bounds).faults) {
      if ('nodes' in fault && equal(fault.nodes, north)) struck += 1;
      if ('links' in fault && cuts.some((links) => equal(links, fault.links))) cut += 1;
    }
  }
  assert.ok(struck > 50, `${struck}`);
  assert.ok(cut > 50, `${cut}`);
});

test('without domains, a seed draws what it drew', () => {
  const bounds = { nodes, faultsUntilMs: 10_000, driftPpm: 100 };
  for (let seed = 1; seed <= 20; seed += 1) {
    assert.deepEqual(swarm(new Random(seed), { ...bounds, domains: [] }), swarm(new Random(seed), bounds));
  }
});
