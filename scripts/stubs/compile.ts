import type { FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { describeFile } from './describe.ts';
import { type Problem, ProblemsError } from './problems.ts';
import { parseSource, type SourceFile } from './source-file.ts';
import { Scope, symbolsOf, symbolsOfCompiled } from './symbols.ts';
import { WELL_KNOWN } from './well-known.ts';

/**
 * Descriptors of `.proto` files, by the paths by which they import each other, and of what comes with protobuf that they
 * need: each stands after what it imports. Throws `ProblemsError` with all that is wrong.
 */
export function compile(texts: ReadonlyMap<string, string>): FileDescriptorProto[] {
  const problems: Problem[] = [];
  const sources = new Map<string, SourceFile>();
  for (const [name, text] of texts) {
    const source = parseSource(name, text);
    if ('message' in source) problems.push(source);
    else sources.set(name, source);
  }
  for (const source of sources.values()) problems.push(...missingImports(source, texts));
  const order = importOrder(sources, problems);
  const homes = declaredNames(sources, problems);
  const files = order.map((name) => {
    const source = sources.get(name);
    return source === undefined
      ? WELL_KNOWN.get(name)?.proto
      : describeFile(source, scopeOf(source, sources, homes), problems);
  });
  if (problems.length > 0) throw new ProblemsError(problems.toSorted(byPlace));
  return files.filter((file) => file !== undefined);
}

function missingImports({ name, imports, lines }: SourceFile, texts: ReadonlyMap<string, string>): Problem[] {
  return imports
    .filter((path) => !texts.has(path) && !WELL_KNOWN.has(path))
    .map((path) => {
      const where = 'an import is a path from the directory that all .proto files are read from';
      return { file: name, line: lines.get(path) ?? null, message: `cannot find "${path}": ${where}` };
    });
}

/** The files and what they import, each after what it imports. */
function importOrder(sources: ReadonlyMap<string, SourceFile>, problems: Problem[]): string[] {
  const order = new Set<string>();
  const visit = (name: string, via: readonly string[]): void => {
    for (const path of sources.get(name)?.imports ?? WELL_KNOWN.get(name)?.proto.dependency ?? []) {
      if (order.has(path)) continue;
      const chain = [...via, name];
      if (!chain.includes(path)) visit(path, chain);
      else if (chain[0] === path) {
        const line = sources.get(path)?.lines.get(chain[1] ?? path) ?? null;
        problems.push({ file: path, line, message: `imports itself: ${[...chain, path].join(' → ')}` });
      }
    }
    order.add(name);
  };
  for (const name of sources.keys()) visit(name, []);
  return [...order];
}

/** Which file declares what; one name cannot mean two things. */
function declaredNames(sources: ReadonlyMap<string, SourceFile>, problems: Problem[]): Map<string, string> {
  const homes = new Map<string, string>();
  for (const [file, compiled] of WELL_KNOWN) for (const { name } of symbolsOfCompiled(compiled)) homes.set(name, file);
  for (const source of sources.values()) {
    for (const { name } of symbolsOf(source)) {
      const home = homes.get(name);
      if (home === undefined) homes.set(name, source.name);
      else {
        const line = source.lines.get(name) ?? null;
        problems.push({ file: source.name, line, message: `${name} is declared already, in ${home}` });
      }
    }
  }
  return homes;
}

function scopeOf(
  source: SourceFile,
  sources: ReadonlyMap<string, SourceFile>,
  homes: ReadonlyMap<string, string>,
): Scope {
  const scope = new Scope(homes);
  const seen = new Set<string>();
  const add = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const [file, compiled] = [sources.get(name), WELL_KNOWN.get(name)];
    if (file !== undefined) {
      scope.addFile(file.packageName, symbolsOf(file));
      for (const path of file.publicImports) add(path);
    } else if (compiled !== undefined) scope.addFile(compiled.proto.package, symbolsOfCompiled(compiled));
    else scope.isComplete = false;
  };
  add(source.name);
  for (const path of source.imports) add(path);
  return scope;
}

function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0);
}
