import { imports, withoutComments, withoutText } from './source-text.ts';

/** Who may import whom, and what else a folder of `src/` may name. */
interface Layer {
  /** The folders it may import from, besides itself. */
  readonly folders: readonly string[];
  /** The npm packages that it may import. */
  readonly packages: readonly string[];
  /** Those of which it may import types only. */
  readonly typesOf?: readonly string[];
  /** Whether it may import `node:*`. */
  readonly node: boolean;
  /** Whether its processes run in the checker and the browser too: no clock, chance, timer or asynchrony of its own. */
  readonly pure: boolean;
}

const PURE = { packages: [], node: false, pure: true };
const ON_NODE = { packages: [], node: true, pure: false };
const GRPC = ['@grpc/grpc-js'];
const PROTOBUF = ['@bufbuild/protobuf', '@bufbuild/protobuf/codegenv2', '@bufbuild/protobuf/wkt'];

/** The hourglass: environments and protocols meet in `kernel` only; `store`, `member` and what is above know both. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  kernel: { ...PURE, folders: [] },
  protocols: { ...PURE, folders: ['kernel'] },
  sim: { ...PURE, folders: ['kernel'] },
  check: { ...PURE, folders: ['kernel'] },
  store: { ...PURE, folders: ['kernel', 'protocols'] },
  'located-json': { ...PURE, packages: ['@humanwhocodes/momoa'], folders: [] },
  scenario: { ...PURE, folders: ['kernel', 'located-json', 'protocols', 'sim', 'check', 'store'] },
  ask: { ...PURE, folders: ['kernel', 'located-json', 'protocols', 'check'] },
  wire: { ...PURE, pure: false, typesOf: GRPC, folders: [] },
  host: { ...ON_NODE, packages: ['lmdb'], folders: ['kernel'] },
  rpc: { ...ON_NODE, packages: PROTOBUF, folders: ['kernel', 'protocols', 'host'] },
  member: { ...ON_NODE, folders: ['kernel', 'protocols', 'store', 'host'] },
  server: { ...ON_NODE, packages: GRPC, folders: ['member', 'rpc', 'store', 'wire'] },
  client: { ...ON_NODE, packages: GRPC, folders: ['member', 'store', 'wire'] },
  cli: {
    ...ON_NODE,
    folders: [
      'kernel',
      'protocols',
      'sim',
      'check',
      'store',
      'scenario',
      'ask',
      'wire',
      'host',
      'rpc',
      'member',
      'server',
      'client',
    ],
  },
};

/** What tests may import besides what they test. */
const TEST_PACKAGES = ['fast-check', 'protobufjs'];

/** What a pure folder may not name, and why. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b/, 'the clock: a process has this.now()'],
  [/\bperformance\b/, 'the clock: a process has this.now()'],
  [/\bMath\s*\.\s*random\b/, 'chance: a process has this.choose(), a simulation its Random'],
  [
    /\bMath\s*\.\s*(?:a?(?:sin|cos|tan)h?|atan2|exp|expm1|log|log1p|log2|log10|pow|cbrt|hypot)\b/,
    'not the same to the last bit in every engine: the kernel has logarithm() and exponential()',
  ],
  [/\bcrypto\b/, 'chance: a process has this.choose(), a simulation its Random'],
  [/\bset(?:Timeout|Interval|Immediate)\b/, 'timers: a process has this.setTimer()'],
  [/\bqueueMicrotask\b/, 'asynchrony: a step ends when its handler returns'],
  [/\basync\b(?=\s*[\w(*[])/, 'asynchrony: a step ends when its handler returns'],
  [/\bawait\b/, 'asynchrony: a step ends when its handler returns'],
  [/\bnew\s+Promise\b/, 'asynchrony: a step ends when its handler returns'],
  [/(?<![.\w])Promise\s*\./, 'asynchrony: a step ends when its handler returns'],
  [/\bglobalThis\b/, 'the machine it runs on'],
];

/** Paths, relative to the project and with `/`, and what is in the files. */
export type SourceTree = ReadonlyMap<string, string>;

/** Everything in a tree that the architecture forbids, in words; empty if it is as it should be. */
export function violations(tree: SourceTree): string[] {
  const found = folderViolations(tree);
  for (const [path, source] of tree) {
    found.push(...importViolations(path, source));
    if (LAYERS[folderOf(path)]?.pure && !isTest(path)) found.push(...impurities(path, source));
  }
  found.push(...privateFields(tree), ...cycles(tree));
  return found;
}

/** `src/kernel/clone.ts` is in kernel; what is outside of `src/`, or in no folder of it, is in none. */
function folderOf(path: string): string {
  const [top, folder, ...rest] = path.split('/');
  return top === 'src' && rest.length > 0 ? (folder ?? '') : '';
}

function isTest(path: string): boolean {
  return !path.startsWith('src/') || /\.(?:test|suite|fixture)\.ts$/.test(path);
}

function folderViolations(tree: SourceTree): string[] {
  const found: string[] = [];
  const present = new Set<string>();
  for (const path of tree.keys()) {
    if (!path.startsWith('src/')) continue;
    const folder = folderOf(path);
    if (!Object.hasOwn(LAYERS, folder)) found.push(`${path}: src/${folder} is no known folder`);
    if (!isTest(path)) present.add(folder);
  }
  for (const folder of Object.keys(LAYERS)) {
    if (!present.has(folder)) found.push(`src/${folder}: expected source files, found none`);
  }
  return found;
}

function importViolations(path: string, source: string): string[] {
  const layer = LAYERS[folderOf(path)];
  const found: string[] = [];
  for (const { from: specifier, typeOnly } of imports(withoutComments(source))) {
    const reason = specifier.startsWith('.')
      ? forbiddenPath(path, resolve(path, specifier), layer)
      : forbiddenPackage(path, specifier, typeOnly, layer);
    if (reason !== null) found.push(`${path}: imports '${specifier}': ${reason}`);
  }
  return found;
}

/** Says why a file may not import another; null if it may. */
function forbiddenPath(path: string, target: string, layer: Layer | undefined): string | null {
  const folder = folderOf(path);
  const to = folderOf(target);
  if (isTest(target) && !isTest(path)) return 'it is no part of the sources';
  if (!path.startsWith('src/') || to === folder) return null;
  if (isTest(path) || layer?.folders.includes(to)) return null;
  return `${folder} may import ${layer?.folders.join(', ') || 'no other folder'}`;
}

function forbiddenPackage(path: string, specifier: string, typeOnly: boolean, layer: Layer | undefined): string | null {
  if (!path.startsWith('src/')) return null;
  if (specifier.startsWith('node:'))
    return isTest(path) || layer?.node ? null : `${folderOf(path)} is not Node's alone`;
  const types = typeOnly ? (layer?.typesOf ?? []) : [];
  const packages = [...(layer?.packages ?? []), ...types, ...(isTest(path) ? TEST_PACKAGES : [])];
  if (packages.includes(specifier)) return null;
  return `${folderOf(path)} may import ${packages.join(', ') || 'no package'}`;
}

/** The path that a relative import in a file leads to. */
function resolve(path: string, specifier: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function impurities(path: string, source: string): string[] {
  const lines = withoutText(source).split('\n');
  const found: string[] = [];
  for (const [index, line] of lines.entries()) {
    for (const [pattern, what] of IMPURE) {
      const match = pattern.exec(line);
      if (match !== null) found.push(`${path}:${index + 1}: '${match[0].trim()}' is ${what}`);
    }
  }
  return found;
}

const CLASS = /\bclass\s+(\w+)[^{]*?\bextends\s+(\w+)/g;

/** Cloning, comparing and hashing see ordinary fields only: a process may have no `#private` ones. */
function privateFields(tree: SourceTree): string[] {
  const texts = new Map([...tree].map(([path, source]) => [path, withoutText(source)] as const));
  const processes = descendants('Process', texts.values());
  const found: string[] = [];
  for (const [path, text] of texts) {
    for (const match of text.matchAll(CLASS)) {
      if (!processes.has(match[2] ?? '')) continue;
      const field = /#\w+/.exec(bodyFrom(text, match.index + match[0].length));
      if (field !== null) found.push(`${path}: class ${match[1]} is a process and has a private field ${field[0]}`);
    }
  }
  return found;
}

/** The names of a class and of all that extend it, directly or not. */
function descendants(root: string, texts: Iterable<string>): Set<string> {
  const extensions = [...texts].flatMap((text) => [...text.matchAll(CLASS)]);
  const names = new Set([root]);
  for (let before = 0; before < names.size; ) {
    before = names.size;
    for (const [, name, base] of extensions) if (name !== undefined && names.has(base ?? '')) names.add(name);
  }
  return names;
}

/** From an opening brace behind the offset to the closing one. */
function bodyFrom(text: string, offset: number): string {
  const start = text.indexOf('> {', offset) === -1 ? text.indexOf('{', offset) : bodyStart(text, offset);
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    else if (text[index] === '}') depth -= 1;
    if (depth === 0) return text.slice(start, index);
  }
  return text.slice(start);
}

/** Type arguments of the base class may hold braces of their own. */
function bodyStart(text: string, offset: number): number {
  let angles = 0;
  for (let index = offset; index < text.length; index += 1) {
    if (text[index] === '<') angles += 1;
    else if (text[index] === '>' && text[index - 1] !== '=') angles -= 1;
    else if (text[index] === '{' && angles === 0) return index;
  }
  return text.length;
}

/** Import cycles between files, by which what a name holds depends on who was loaded first. Of types they are harmless. */
function cycles(tree: SourceTree): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const above: string[] = [];
  const visit = (path: string): void => {
    const source = tree.get(path);
    if (above.includes(path)) found.push(`import cycle: ${[...above.slice(above.indexOf(path)), path].join(' → ')}`);
    if (done.has(path) || source === undefined) return;
    done.add(path);
    above.push(path);
    for (const { from, typeOnly } of imports(withoutComments(source))) {
      if (from.startsWith('.') && !typeOnly) visit(resolve(path, from));
    }
    above.pop();
  };
  for (const path of tree.keys()) if (path.startsWith('src/')) visit(path);
  return found;
}
