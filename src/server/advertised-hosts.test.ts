import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { advertisedHosts } from './advertised-hosts.ts';

const LOOPBACK = [
  { address: '127.0.0.1', family: 'IPv4', internal: true },
  { address: '::1', family: 'IPv6', internal: true },
] as const;
const INTERFACES = {
  lo: LOOPBACK,
  eth0: [
    { address: '10.0.0.7', family: 'IPv4', internal: false },
    { address: '2001:db8::7', family: 'IPv6', internal: false },
    { address: 'fe80::7', family: 'IPv6', internal: false },
  ],
  eth1: [{ address: '169.254.3.7', family: 'IPv4', internal: false }],
} as const;

describe('where clients find a server', () => {
  test('is the host at which it listens, if that is one', () => {
    for (const host of ['127.0.0.1', '192.0.2.1', '::1']) assert.deepEqual(advertisedHosts(host, INTERFACES), [host]);
  });

  test("is each of the machine's addresses that others can use, if it listens at all of them", () => {
    assert.deepEqual(advertisedHosts('0.0.0.0', INTERFACES), ['10.0.0.7']);
    assert.deepEqual(advertisedHosts('::', INTERFACES), ['10.0.0.7', '2001:db8::7']);
  });

  test('is its loopback address, if it has no other', () => {
    assert.deepEqual(advertisedHosts('0.0.0.0', { lo: LOOPBACK }), ['127.0.0.1']);
    assert.deepEqual(advertisedHosts('::', { lo: LOOPBACK }), ['::1']);
  });
});
