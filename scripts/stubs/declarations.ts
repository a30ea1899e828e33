import protobuf from 'protobufjs';

/** What protobufjs's parser does not keep of a file. */
export interface Declarations {
  /** As it is written, or null: not declared, which means proto2. */
  readonly syntax: string | null;
  /** The files whose declarations are visible to whoever imports this one. */
  readonly publicImports: ReadonlySet<string>;
  /** Where things are declared, by their full names without a leading dot, and imports by their paths. */
  readonly lines: ReadonlyMap<string, number>;
}

const SCOPES = new Set(['message', 'enum', 'service', 'oneof', 'rpc', 'group']);
/** What stands in them is declared in the scope around them. */
const TRANSPARENT = new Set(['oneof', 'extend', 'enum']);

/** Walks over a file's tokens. Throws as the tokenizer does, with the line in parentheses. */
export function declarationsOf(source: string): Declarations {
  const tokenizer = protobuf.tokenize(source, false);
  const lines = new Map<string, number>();
  const publicImports = new Set<string>();
  const scopes: string[] = [];
  let syntax: string | null = null;
  let packageName = '';
  let statement: string[] = [];
  const declare = (name: string): void => {
    lines.set([packageName, ...scopes, name].filter((part) => part !== '').join('.'), tokenizer.line);
  };
  for (let token = tokenizer.next(); token !== null; token = tokenizer.next()) {
    const [keyword = '', name = ''] = statement;
    switch (token) {
      case '{':
        if (SCOPES.has(keyword) && keyword !== 'rpc') declare(name);
        scopes.push(TRANSPARENT.has(keyword) ? '' : name);
        statement = [];
        break;
      case '}':
        scopes.pop();
        statement = [];
        break;
      case ';':
        if (keyword === 'syntax' || keyword === 'edition') syntax = statement[3] ?? null;
        if (keyword === 'package') packageName = name;
        if (keyword === 'import') lines.set(statement.at(-2) ?? '', tokenizer.line);
        if (keyword === 'import' && name === 'public') publicImports.add(statement.at(-2) ?? '');
        statement = [];
        break;
      case '=':
        if (keyword !== 'option' && !statement.includes('=')) declare(statement.at(-1) ?? '');
        statement.push(token);
        break;
      case '(':
        if (keyword === 'rpc') declare(name);
        statement.push(token);
        break;
      default:
        statement.push(token);
    }
  }
  if (scopes.length > 0 || statement.length > 0) {
    throw new Error(`the file ends in the middle of a declaration (line ${tokenizer.line})`);
  }
  return { syntax, publicImports, lines };
}
