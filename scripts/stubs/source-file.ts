import protobuf from 'protobufjs';
import { type Declarations, declarationsOf } from './declarations.ts';
import type { Problem } from './problems.ts';

/** A `.proto` as it is written: nothing in it is resolved yet. */
export interface SourceFile extends Declarations {
  /** As others import it: relative to the directory that all are read from. */
  readonly name: string;
  readonly packageName: string;
  readonly imports: readonly string[];
  /** The file's messages, enums, services and extensions. */
  readonly declared: readonly protobuf.ReflectionObject[];
  /** Where protobufjs keeps the options of the file itself. */
  readonly top: protobuf.NamespaceBase;
}

/** A file that cannot be parsed has one problem: what follows a syntax error means nothing. */
export function parseSource(name: string, source: string): SourceFile | Problem {
  let lines: Declarations['lines'] = new Map();
  try {
    const declarations = declarationsOf(source);
    const { syntax } = declarations;
    lines = declarations.lines;
    if (syntax !== 'proto3') {
      const line = lines.get('syntax') ?? lines.get('edition') ?? null;
      return { file: name, line, message: notProto3(syntax) };
    }
    const { package: packageName = '', imports = [], root } = parsed(source);
    const top = packageName === '' ? root : root.lookup(packageName);
    if (!(top instanceof protobuf.Namespace || top instanceof protobuf.Root)) throw new Error('the package is lost');
    const declared = top.nestedArray;
    if (declared.length === 0 && imports.length === 0) {
      return { file: name, line: null, message: 'declares nothing: write a message or a service, or remove the file' };
    }
    return { ...declarations, name, packageName, imports, declared, top };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const [, message, line] = /^(.*) \(line (\d+)\)$/s.exec(error.message) ?? [];
    if (message !== undefined) return { file: name, line: Number(line), message };
    return { file: name, line: lineOfDuplicate(error.message, lines), message: error.message };
  }
}

function notProto3(syntax: string | null): string {
  const found = syntax === null ? 'no syntax, which means proto2' : syntax;
  return `is to begin with syntax = "proto3", and has ${found}: convert it, or generate it with a protobuf compiler`;
}

/** The later of two declarations, which protobufjs names within what they are in; or the message that has two. */
function lineOfDuplicate(message: string, lines: Declarations['lines']): number | null {
  const [, name, where] = /^duplicate (?:name '(\w+)'|id -?\d+) in \w+(?: \.?(\S+))?$/.exec(message) ?? [];
  const path = [where, name].filter((part) => part !== undefined).join('.');
  return [...lines].findLast(([declared]) => declared === path || declared.endsWith(`.${path}`))?.[1] ?? null;
}

/** With comments; but protobufjs counts lines wrongly if it keeps them, so an error is one of another pass. */
function parsed(source: string): protobuf.IParserResult {
  try {
    return protobuf.parse(source, new protobuf.Root(), { keepCase: true, alternateCommentMode: true });
  } catch {
    return protobuf.parse(source, new protobuf.Root(), { keepCase: true });
  }
}
