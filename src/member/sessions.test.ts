import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { put, range } from '../store/requests.ts';
import { SessionExpiredError } from './api.ts';
import { startMember } from './member.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a request in a session is executed once, also where its member crashed in between', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-sessions-'));
  t.after(() => rm(directory, { recursive: true }));
  const options = { name: 'a', directory, cluster: null };
  const [first, second] = [put(bytes('k'), bytes('1')), put(bytes('k'), bytes('2'))];
  let member = await startMember(options);
  const session = await member.openSession();
  const at = { session, sequence: 1, acknowledged: 0 };
  const response = await member.callInSession(at, first);
  assert.deepEqual(await member.callInSession(at, second), response);
  await member.close();
  member = await startMember(options);
  assert.deepEqual(await member.callInSession(at, second), response);
  const read = await member.call(range(bytes('k')));
  assert.ok(read.type === 'range');
  assert.deepEqual(read.kvs[0]?.value, bytes('1'));
  assert.notEqual(await member.openSession(), session);
  await assert.rejects(member.callInSession({ ...at, session: 999 }, second), SessionExpiredError);
  await member.close();
});
