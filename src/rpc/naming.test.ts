import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { formatEndpoint } from '../host/index.ts';
import { RejectedError, UnreachableError } from './errors.ts';
import { clientToken, serverTokens } from './interceptors.ts';
import { LOOKUP_BYTES_MAX, NameTable } from './name-table.ts';
import { lookup, namingService, openByName, Registration } from './naming.ts';
import { parseServiceAddress } from './service-address.ts';
import { openPair } from './sockets.fixture.ts';
import { createClient, createService, methodName } from './stub.ts';
import { Naming } from './stubs/naming_pb.ts';

const A = 'registrant-of-a-1';
const B = 'registrant-of-b-1';
const AT = '10.0.0.7:4600';

/** A table, and its clock. */
function tableInTime(): { readonly table: NameTable; readonly clock: { nowMs: number } } {
  const clock = { nowMs: 0 };
  return { table: new NameTable(() => clock.nowMs), clock };
}

/** What the table says to a registration; null if it takes it. */
function objection(changed: { service?: string; address?: string; registrant?: string; lifetimeMs?: number }) {
  const { lifetimeMs = 1_000, ...entry } = changed;
  try {
    new NameTable().register({ service: 'a.B', address: AT, registrant: A, ...entry }, lifetimeMs);
    return null;
  } catch (error) {
    assert.ok(error instanceof RejectedError, String(error));
    return error.message;
  }
}

describe('a table of names', () => {
  test('forgets who does not renew its registration, and keeps the order of the others', () => {
    const { table, clock } = tableInTime();
    table.register({ service: 's', address: 'a:1', registrant: A }, 100);
    table.register({ service: 's', address: 'b:1', registrant: B }, 300);
    clock.nowMs = 90;
    table.register({ service: 's', address: 'a:1', registrant: A }, 100);
    assert.deepEqual(table.lookup('s'), ['a:1', 'b:1']);
    clock.nowMs = 200;
    assert.deepEqual(table.lookup('s'), ['b:1']);
    clock.nowMs = 300;
    assert.deepEqual(table.lookup('s'), []);
  });

  test('lets nobody withdraw or shorten what another registered', () => {
    const { table, clock } = tableInTime();
    table.register({ service: 's', address: AT, registrant: A }, 10_000);
    table.register({ service: 's', address: AT, registrant: B }, 100);
    table.unregister({ service: 's', address: AT, registrant: B });
    table.register({ service: 's', address: AT, registrant: B }, 100);
    assert.deepEqual(table.lookup('s'), [AT], 'an address is listed once');
    clock.nowMs = 9_999;
    assert.deepEqual(table.lookup('s'), [AT]);
    table.register({ service: 's', address: AT, registrant: A }, 10_000);
    table.unregister({ service: 's', address: AT, registrant: A });
    assert.deepEqual(table.lookup('s'), []);
  });

  test('keeps what its own program says for good, and no client can say that it is that program', () => {
    const { table, clock } = tableInTime();
    table.keep('s', AT);
    table.register({ service: 's', address: AT, registrant: A }, 100);
    table.unregister({ service: 's', address: AT, registrant: A });
    assert.throws(() => table.unregister({ service: 's', address: AT, registrant: '' }), RejectedError);
    assert.throws(() => table.register({ service: 's', address: AT, registrant: '' }, 100), RejectedError);
    clock.nowMs = 1e12;
    assert.deepEqual(table.lookup('s'), [AT]);
  });

  test('takes a lookup reply full of the longest addresses of one service, and room comes back', () => {
    const { table, clock } = tableInTime();
    const host = Array.from({ length: 4 }, () => 'x'.repeat(63))
      .join('.')
      .slice(0, 247);
    const register = (index: number): void => {
      const address = `${host}.x${10_000 + index}:65535`.slice(-259);
      assert.ok(parseServiceAddress(address) !== null, address);
      table.register({ service: 's', address, registrant: A }, 100);
    };
    let taken = 0;
    const full = { name: 'RejectedError', message: /^s has \d+ registrations, the most: try again/ };
    assert.throws(() => {
      for (; ; taken += 1) register(taken);
    }, full);
    const addresses = table.lookup('s');
    assert.equal(addresses.length, taken);
    assert.ok(addresses.every(({ length }) => length === 259));
    const bytes = addresses.reduce((sum, { length }) => sum + 1 + 2 + length, 0);
    assert.ok(bytes <= LOOKUP_BYTES_MAX && bytes > LOOKUP_BYTES_MAX - 262, `${bytes}`);
    clock.nowMs = 100;
    register(taken);
    assert.equal(table.lookup('s').length, 1);
  });

  test('says when it is full of services, until some expire', () => {
    const { table, clock } = tableInTime();
    const register = (service: string) => table.register({ service, address: AT, registrant: A }, 1_000);
    for (let index = 0; index < 10_000; index += 1) register(`s${index}`);
    assert.throws(() => register('one.more'), /^RejectedError: the naming service has 10000 registrations/);
    register('s7');
    table.unregister({ service: 's8', address: AT, registrant: A });
    register('one.more');
    assert.throws(() => register('another'), RejectedError);
    clock.nowMs = 1_000;
    register('another');
  });

  test('takes full names of services only, and says so', () => {
    for (const service of ['KeyValue', 'coterie.KeyValue', '_a._b1.C', 'x'.repeat(255)]) {
      assert.equal(objection({ service }), null);
    }
    for (const service of ['', '.a', 'a.', 'a..b', '1a', 'a.1b', 'a b', 'a/b', 'ä', 'a\n', 'x'.repeat(256)]) {
      assert.match(objection({ service }) ?? '', /^a service's name is the full name from its \.proto, as coterie/);
    }
    assert.throws(() => new NameTable().lookup('no name'), RejectedError);
  });

  test('takes addresses that clients can connect to only, and says so', () => {
    for (const address of ['127.0.0.1:1', 'db:65535', 'a-b_c.d1.example:80', '[::1]:80', '[fe80::1]:80']) {
      assert.equal(objection({ address }), null, address);
    }
    const wrong = [
      '',
      ':80',
      'a',
      'a:',
      'a:0',
      'a:080',
      'a:65536',
      'a:1:2',
      '::1:80',
      '[::1]',
      '[a]:80',
      '[fe80::1%e]:80',
    ];
    const hosts = [
      '1.2.3',
      '1.2.3.256',
      'a.7',
      '[127.0.0.1]',
      'a..b',
      '.a',
      'a b',
      'ä',
      'x'.repeat(64),
      'a.'.repeat(127),
    ];
    for (const address of [...wrong, ...hosts.map((host) => `${host}:80`)]) {
      assert.match(objection({ address }) ?? '', /^an address is host:port, as in /, address);
    }
    for (const host of ['0.0.0.0', '[::]', '[0:0:0:0:0:0:0:0]', '[::0]', '[::0.0.0.0]', '[::ffff:0.0.0.0]']) {
      assert.match(objection({ address: `${host}:80` }) ?? '', /^no client can connect to .*give one of them$/, host);
    }
    assert.ok((objection({ address: 'x'.repeat(100_000) }) ?? '').length < 250);
  });

  test('takes lifetimes and registrants within bounds only, and says so', () => {
    for (const lifetimeMs of [100, 60_000]) assert.equal(objection({ lifetimeMs }), null);
    for (const lifetimeMs of [0, 99, -1, 60_001, 2 ** 32 - 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.match(objection({ lifetimeMs }) ?? '', /^a registration lasts from 100 to 60000 ms .*got -?[\dNI]/);
    }
    for (const registrant of ['', 'x', 'x'.repeat(65), 'sixteen characters']) {
      assert.match(objection({ registrant }) ?? '', /^a registrant is 16 to 64 letters/);
    }
  });
});

describe('the naming service', () => {
  test('finds a registered service by its name, until it is withdrawn', async (t) => {
    const names = await openPair(t, { services: [namingService(new NameTable())] });
    const service = await openPair(t, { services: [namingService(new NameTable())] });
    const naming = names.server.endpoint('udp');
    const at = service.server.endpoint('udp');
    assert.ok(naming !== null && at !== null);
    await assert.rejects(lookup(names.client, Naming), UnreachableError);
    const registration = await Registration.open(names.client, { service: Naming, at });
    assert.deepEqual(await lookup(names.client, Naming), [at]);
    await using client = await openByName(Naming, { naming });
    assert.deepEqual((await createClient(Naming, client).lookup({ service: 'found' })).addresses, []);
    await registration.close();
    await assert.rejects(lookup(names.client, Naming), UnreachableError);
  });

  test('refuses what is no registration', async (t) => {
    const { client } = await openPair(t, { services: [namingService(new NameTable())] });
    const at = { host: '0.0.0.0', port: 4600 };
    await assert.rejects(Registration.open(client, { service: Naming, at }), {
      name: 'RejectedError',
      message: 'no client can connect to 0.0.0.0:4600, which stands for every address of a machine: give one of them',
    });
    await assert.rejects(Registration.open(client, { service: Naming, at, lifetimeMs: -1 }), RangeError);
    const naming = createClient(Naming, client);
    await assert.rejects(naming.unregister({ service: 'a b' }), RejectedError);
    await assert.rejects(naming.lookup({}), RejectedError);
  });

  test('filters registrations: a late copy of one does not undo the withdrawal', () => {
    const service = namingService(new NameTable());
    const isIdempotent = Naming.methods.map((method) => service[methodName(Naming, method)]?.rules.idempotent);
    assert.deepEqual(isIdempotent, [false, false, true]);
  });

  test('looks up endpoints only, whatever another naming service says', async (t) => {
    let addresses = ['nonsense', '[::1]:7', 'b.example:8', 'c:0'];
    const service = createService(Naming, {
      register: () => ({}),
      unregister: () => ({}),
      lookup: () => ({ addresses }),
    });
    const { client } = await openPair(t, { services: [service] });
    assert.deepEqual(await lookup(client, Naming), [
      { host: '::1', port: 7 },
      { host: 'b.example', port: 8 },
    ]);
    addresses = ['nonsense'];
    await assert.rejects(lookup(client, Naming), /^UnreachableError: the naming service knows no address/);
  });

  test('opens a client by name with its identity and its token, of all servers that have an address', async (t) => {
    const table = new NameTable();
    const { server } = await openPair(t, {
      services: [namingService(table)],
      serverInterceptors: [serverTokens((token) => token === 'secret')],
    });
    const at = server.endpoint('udp');
    assert.ok(at !== null);
    for (const address of ['db.invalid:4600', formatEndpoint(at)]) table.keep(Naming.typeName, address);
    const directory = await mkdtemp(join(tmpdir(), 'coterie-naming-'));
    t.after(() => rm(directory, { recursive: true }));
    const identity = { name: 'one', directory };
    const options = { naming: [{ host: 'naming.invalid', port: 1 }, at], identity };
    await assert.rejects(openByName(Naming, options), /wants a token/);
    await using client = await openByName(Naming, { ...options, interceptors: [clientToken('secret')] });
    const { addresses } = await createClient(Naming, client).lookup({ service: Naming.typeName });
    assert.equal(addresses.length, 2);
  });

  test('a server whose host has no address is unreachable', async (t) => {
    const names = await openPair(t, { services: [namingService(new NameTable())] });
    const at = { host: 'db.invalid', port: 4600 };
    const registration = await Registration.open(names.client, { service: Naming, at });
    const naming = names.server.endpoint('udp');
    assert.ok(naming !== null);
    await assert.rejects(openByName(Naming, { naming }), (error) => {
      return error instanceof UnreachableError && /the name db\.invalid has no address/.test(error.message);
    });
    await registration.close();
  });
});
