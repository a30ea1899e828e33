import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { tracedSeed } from './traced-seed.ts';

const ROOT = new URL('../../', import.meta.url);
const SCENARIO = 'scenarios/everything.jsonc';
const SEEDS = [3, 12];
/** The one package that scenarios need. */
const PARSER = '/node_modules/@humanwhocodes/momoa/dist/momoa.js';
const CHROMIUM = whereIsChromium();

/** Runs the seeds in the browser, and Node's traces of them too, and sends both back. */
const PAGE = `<!doctype html><meta charset="utf-8">
<script type="importmap">{ "imports": { "@humanwhocodes/momoa": "${PARSER}" } }</script>
<script type="module">
const send = (path, body) => fetch(path, { method: 'POST', body });
try {
  const { replayed, tracedSeed } = await import('/test/e2e/traced-seed.ts');
  const scenario = await (await fetch('/${SCENARIO}')).text();
  for (const seed of ${JSON.stringify(SEEDS)}) {
    await send('/trace/' + seed, tracedSeed(scenario, seed));
    const recorded = await (await fetch('/recorded/' + seed)).text();
    await send('/replayed/' + seed, replayed(scenario, seed, recorded));
  }
  await send('/end', '');
} catch (error) {
  await send('/error', String(error.stack ?? error));
}
</script>`;

let server: Server;
let profile: string;
let browser: ChildProcess | null = null;
const sent = new Map<string, string>();
const recorded = new Map<string, string>();
let ended: () => void = () => {};
const end = new Promise<void>((resolve) => {
  ended = resolve;
});

before(async () => {
  profile = await mkdtemp(join(tmpdir(), 'coterie-browser-'));
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

after(async () => {
  if (browser !== null) await stopped(browser);
  server.closeAllConnections();
  server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

test('a seed gives the same trace in a browser as in Node, byte for byte, and a trace of Node replays there', {
  skip: CHROMIUM === null && process.env['CI'] !== 'true' ? 'there is no chromium here: install it to run this' : false,
}, async () => {
  assert.ok(CHROMIUM !== null, 'there is no chromium here: install the Debian package chromium');
  const scenario = readFileSync(new URL(SCENARIO, ROOT), 'utf8');
  for (const seed of SEEDS) recorded.set(`/recorded/${seed}`, tracedSeed(scenario, seed));
  const { port } = server.address() as AddressInfo;
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    `--user-data-dir=${profile}`,
  ];
  browser = spawn(CHROMIUM, [...flags, `http://127.0.0.1:${port}/`], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => browser?.once('exit', () => resolve()));
  await Promise.race([end, gone]);
  assert.equal(sent.get('/error'), undefined);
  for (const seed of SEEDS) {
    const trace = recorded.get(`/recorded/${seed}`) ?? '';
    assert.ok(trace.length > 100_000, `a trace of ${trace.length} bytes`);
    assert.equal(sent.get(`/trace/${seed}`) === trace, true, `the trace of seed ${seed} is another one in the browser`);
    assert.equal(sent.get(`/replayed/${seed}`), `the same ${trace.split('\n').length - 2} steps`);
  }
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  if (request.method === 'POST') {
    sent.set(path, await text(request));
    response.end();
    if (path === '/end' || path === '/error') ended();
  } else if (path === '/') {
    response.setHeader('content-type', 'text/html').end(PAGE);
  } else if (recorded.has(path)) {
    response.end(recorded.get(path));
  } else {
    serveSource(path, response);
  }
}

/** The sources as they are, but for their types: nothing of Node is behind them. */
function serveSource(path: string, response: ServerResponse): void {
  if (path !== PARSER && (!/^\/(?:src|scenarios|test)\/[\w/.-]+\.(?:ts|jsonc)$/.test(path) || path.includes('..'))) {
    response.writeHead(404).end();
    return;
  }
  const source = readFileSync(new URL(`.${path}`, ROOT), 'utf8');
  response.setHeader('content-type', 'text/javascript; charset=utf-8');
  response.end(path.endsWith('.ts') ? stripTypeScriptTypes(source) : source);
}

function whereIsChromium(): string | null {
  for (const name of ['chromium', 'chromium-browser']) {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return name;
    } catch {
      // another name, then
    }
  }
  return null;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill();
  await gone;
}
