import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bar, historyPage } from './page.ts';
import { TimeAxis } from './time-axis.ts';

function bar(id: string, client: string, invokeAt: number, completeAt: number | null, more: Partial<Bar> = {}): Bar {
  return { id, client, invokeAt, completeAt, label: `read ${id}`, kind: 'read', mark: null, ...more };
}

test('times keep their order on the axis, and long pauses are drawn shorter', () => {
  const bars = Array.from({ length: 40 }, (_, index) => bar(`o${index}`, 'a', 10 * index, 10 * index + 5));
  const axis = new TimeAxis([...bars, bar('late', 'a', 1_000_000, 1_000_005)]);
  const places = [0, 5, 10, 15, 395, 1_000_000, 1_000_005].map((time) => axis.placeOf(time));
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
  assert.equal(places[1], places[3] === undefined || places[2] === undefined ? null : places[3] - places[2]);
  assert.ok((places[5] ?? 0) - (places[4] ?? 0) <= 160);
  assert.throws(() => axis.placeOf(7), RangeError);
});

test('operations of one client that overlap are drawn below each other, others beside', () => {
  const rows = (bars: Bar[]): number =>
    historyPage({ title: 't', verdict: 'holds', text: '', bars }).split('class="row"').length - 1;
  assert.equal(rows([bar('o0', 'a', 0, 10), bar('o1', 'a', 20, 30)]), 1);
  assert.equal(rows([bar('o0', 'a', 0, 10), bar('o1', 'a', 5, 30)]), 2);
  assert.equal(rows([bar('o0', 'a', 0, null), bar('o1', 'a', 5, 30)]), 1);
});

test('clients are in the order of their names, in which numbers count as such', () => {
  const bars = ['c10', 'c9', 'c1'].map((client) => bar(client, client, 0, 1));
  const page = historyPage({ title: 't', verdict: 'holds', text: '', bars });
  assert.deepEqual(
    [...page.matchAll(/px">(c\d+)<\/div>/g)].map(([, name]) => name),
    ['c1', 'c9', 'c10'],
  );
});

test('what comes from a history is only ever text', () => {
  const evil = '"><script>alert(1)</script>&';
  const page = historyPage({
    title: evil,
    verdict: 'violated',
    text: evil,
    bars: [bar(evil, evil, 0, 1, { label: evil, mark: 'offending' })],
  });
  assert.ok(!page.includes('<script>alert'));
  assert.ok(page.includes('&quot;>&lt;script>alert(1)&lt;/script>&amp;'));
});

test('what is in question is listed, linked and shown on the overview', () => {
  const bars = [
    bar('T0', 'a', 0, 10),
    bar('T1', 'b', 5, 15, { mark: 'offending' }),
    bar('T2', 'c', 5, null, { mark: 'concurrent' }),
  ];
  const page = historyPage({ title: 't', verdict: 'violated', text: 'T1 is wrong', bars });
  assert.ok(page.includes('<pre><a href="#T1">T1</a> is wrong</pre>'));
  assert.ok(page.includes('In question: <a href="#T1">client b: read T1</a>'));
  assert.ok(page.includes('Concurrent with it: <a href="#T2">client c: read T2</a>'));
  assert.match(page, /<path class="posts" d="M[\d.]+ 0v3"\/>/);
  assert.match(page, /id="T2" class="read unknown concurrent"/);
  assert.doesNotMatch(page, /https?:|src=/);
});
