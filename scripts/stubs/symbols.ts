import type { DescFile } from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';
import protobuf from 'protobufjs';
import type { SourceFile } from './source-file.ts';

export type SymbolKind = 'message' | 'enum' | 'value' | 'service' | 'extension';

export interface DeclaredSymbol {
  readonly name: string;
  readonly kind: SymbolKind;
}

/** What a file declares, by full names without a leading dot; a value of an enum is a sibling of the enum. */
export function* symbolsOf({ declared }: SourceFile): Generator<DeclaredSymbol> {
  for (const object of declared) yield* symbolsIn(object);
}

function* symbolsIn(object: protobuf.ReflectionObject): Generator<DeclaredSymbol> {
  const name = object.fullName.slice(1);
  if (object instanceof protobuf.Type) {
    yield { name, kind: 'message' };
    for (const nested of object.nestedArray) yield* symbolsIn(nested);
  } else if (object instanceof protobuf.Enum) {
    yield { name, kind: 'enum' };
    for (const value of Object.keys(object.values)) yield { name: join(outerOf(name), value), kind: 'value' };
  } else if (object instanceof protobuf.Service) {
    yield { name, kind: 'service' };
  } else if (object instanceof protobuf.Field) {
    yield { name, kind: 'extension' };
  }
}

/** What a file declares that is compiled already. */
export function* symbolsOfCompiled(file: DescFile): Generator<DeclaredSymbol> {
  for (const type of nestedTypes(file)) {
    if (type.kind === 'message' || type.kind === 'enum') yield { name: type.typeName, kind: type.kind };
  }
}

/** The names that one file can refer to. */
export class Scope {
  /** Whether all imported files could be read: if not, any name may be one of theirs. */
  isComplete = true;
  readonly #kinds = new Map<string, SymbolKind | 'package'>();
  readonly #homes: ReadonlyMap<string, string>;

  /** By full name, which file declares what, whether or not this scope sees it. */
  constructor(homes: ReadonlyMap<string, string>) {
    this.#homes = homes;
  }

  addFile(packageName: string, symbols: Iterable<DeclaredSymbol>): void {
    for (let name = packageName; name !== ''; name = outerOf(name)) this.#kinds.set(name, 'package');
    for (const { name, kind } of symbols) this.#kinds.set(name, kind);
  }

  /**
   * The message or enum that a name means where it is written: its first part is searched from the innermost scope
   * outwards, and where that is found, the rest has to be there.
   */
  resolve(name: string, from: string): { readonly name: string; readonly kind: 'message' | 'enum' } | null {
    if (name.startsWith('.')) return this.#type(name.slice(1));
    const [first = ''] = name.split('.');
    for (let scope = from; ; scope = outerOf(scope)) {
      const kind = this.#kinds.get(join(scope, first));
      const found = first === name ? kind === 'message' || kind === 'enum' : kind === 'message' || kind === 'package';
      if (found) return this.#type(join(scope, name));
      if (scope === '') return null;
    }
  }

  /** Why a name means nothing where it is written. */
  whyNot(name: string, from: string): string {
    for (let scope = from; ; scope = outerOf(scope)) {
      const candidate = name.startsWith('.') ? name.slice(1) : join(scope, name);
      const kind = this.#kinds.get(candidate);
      if (kind !== undefined) return `${candidate} is no message and no enum, but a ${kind}`;
      const home = this.#homes.get(candidate);
      if (home !== undefined) return `${candidate} is declared in ${home}, which is not imported`;
      if (scope === '') return `there is no message and no enum ${name}`;
    }
  }

  #type(name: string): { readonly name: string; readonly kind: 'message' | 'enum' } | null {
    const kind = this.#kinds.get(name);
    return kind === 'message' || kind === 'enum' ? { name, kind } : null;
  }
}

function outerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}

function join(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}
