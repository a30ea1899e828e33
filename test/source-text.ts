/**
 * Looks at TypeScript without parsing it: tells code from comments and from the text in it, which is all that the
 * architecture's check needs to know.
 */

type Piece = 'comment' | 'text';

/** The source with its comments blanked out, every other character and all lines where they were. */
export function withoutComments(source: string): string {
  return blank(source, ['comment']);
}

/** The source with comments, and the content of strings, templates and regular expressions, blanked out. */
export function withoutText(source: string): string {
  return blank(source, ['comment', 'text']);
}

export interface Import {
  readonly from: string;
  /** Whether only types are imported, so that nothing is left of it when the program runs. */
  readonly typeOnly: boolean;
}

const STATEMENT = /(?:^|[;}\n])\s*(?:import|export)\b(\s+type\b)?(?:[^'"`;()=]*?\bfrom)?\s*(['"])([^'"\n]+)\2/g;
const CALL = /\bimport\s*\(\s*(['"`])([^'"`\n]+)\1/g;

/** What the code imports or re-exports, statically and dynamically. Give it code without comments. */
export function imports(code: string): Import[] {
  const statements = [...code.matchAll(STATEMENT)].map(([, type, , from = '']) => ({
    from,
    typeOnly: type !== undefined,
  }));
  const calls = [...code.matchAll(CALL)].map(([, , from = '']) => ({ from, typeOnly: false }));
  return [...statements, ...calls];
}

/** One piece at a time; a template's embedded code stays code, so its braces are counted. */
const PIECES =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*")|(?<slash>\/)|[`{}]/g;

const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const BEFORE_REGEX = /(?:^|[=(,:[!&|?{};+*%~^<>-]|\b(?:return|typeof|case|of|in))\s*$/;

function blank(source: string, kinds: readonly Piece[]): string {
  const result = source.split('');
  const erase = (kind: Piece, from: number, to: number): void => {
    if (!kinds.includes(kind)) return;
    for (let index = from; index < to; index += 1) if (result[index] !== '\n') result[index] = ' ';
  };
  // How deep in braces each template under way was entered: a closing brace at that depth returns to its text.
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  while (at < source.length) {
    PIECES.lastIndex = at;
    const match = PIECES.exec(source);
    if (match === null) break;
    const start = match.index;
    at = PIECES.lastIndex;
    const { comment, text, slash } = match.groups ?? {};
    if (comment !== undefined) {
      erase('comment', start, at);
    } else if (text !== undefined) {
      erase('text', start + 1, at - 1);
    } else if (slash !== undefined) {
      REGEX.lastIndex = start;
      if (!BEFORE_REGEX.test(source.slice(Math.max(0, start - 40), start)) || !REGEX.test(source)) continue;
      erase('text', start + 1, REGEX.lastIndex - 1);
      at = REGEX.lastIndex;
    } else if (match[0] === '{') {
      depth += 1;
    } else if (match[0] === '}' && templates.at(-1) !== depth) {
      depth -= 1;
    } else {
      if (match[0] === '}') depth = (templates.pop() ?? 1) - 1;
      const { end, embeds } = templateEnd(source, at);
      erase('text', at, end);
      at = end + (embeds ? 2 : 1);
      if (embeds) templates.push(++depth);
    }
  }
  return result.join('');
}

/** Where a template's text that begins here ends: at the back quote, or at an embedded expression. */
function templateEnd(source: string, from: number): { readonly end: number; readonly embeds: boolean } {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '`') return { end: at, embeds: false };
    else if (source[at] === '$' && source[at + 1] === '{') return { end: at, embeds: true };
  }
  return { end: source.length, embeds: false };
}
