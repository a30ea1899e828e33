/** A mark, a string or a word, where it is, and the brackets that are open before it. */
export interface Token {
  readonly text: string;
  readonly at: number;
  readonly open: string;
}

/** Refuses a text for what is at an offset of it, which is about the part of that path; none if it is no JSON. */
export type Refuse = (at: number, what: string, path?: string) => never;

/** Deeper than any file that a person writes, and far from what the parser's recursion bears. */
const DEPTH_MAX = 20;

/** Comments; strings, as in section 7 of RFC 8259; what begins one of both and has no end; marks; words. */
const TOKEN =
  /\/\/[^\n\r]*|\/\*.*?\*\/|"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|\/\*|[/"{}[\]:,]|[^ \t\n\r/"{}[\]:,]+/gsu;

/** The tokens of a text, an empty one at its end. Refuses what the parser lets pass or would fall over. */
export function tokensOf(text: string, refuse: Refuse): Token[] {
  const tokens: Token[] = [];
  let open = '';
  for (const { 0: token, index: at } of text.matchAll(TOKEN)) {
    if (token === '/*') refuse(at, 'a comment is left open: end it with */');
    if (token === '"') refuse(at, `a string is left open, or has a control or a wrong escape: ${show(text.slice(at))}`);
    if (/^\/[/*]/.test(token)) continue;
    tokens.push({ text: token, at, open });
    if (token === '{' || token === '[') open += token;
    if (token === '}' || token === ']') open = open.slice(0, -1);
    if (open.length > DEPTH_MAX) refuse(at, `expected at most ${DEPTH_MAX} objects and lists in one another`);
  }
  return [...tokens, { text: '', at: text.length, open }];
}

/** Refuses a text for what the parser met at an offset, and says what could be there: the parser does not. */
export function refuseAt(offset: number, tokens: readonly Token[], refuse: Refuse): never {
  const index = tokens.findIndex(({ text, at }) => at + text.length > offset || text === '' || isUnfinished(text));
  const found = tokens[index] ?? { text: '', at: offset, open: '' };
  const [last = '', beforeLast = ''] = [tokens[index - 1]?.text, tokens[index - 2]?.text];
  const expected = expectedAfter(last, beforeLast, found.open);
  return refuse(found.at, `expected ${expected}, found ${show(found.text) || 'the end of the file'}`);
}

/** Of these the parser refuses what comes behind. */
function isUnfinished(text: string): boolean {
  return text === '/' || /^-?\d.*\D$/.test(text);
}

function expectedAfter(last: string, beforeLast: string, open: string): string {
  const inObject = open.endsWith('{');
  if (last === '' || last === ':') return 'a value';
  if (open === '') return 'nothing more';
  if (['{', '[', ','].includes(last)) return inObject ? 'a field in double quotes, or }' : 'a value, or ]';
  if (inObject && (beforeLast === '{' || beforeLast === ',')) return `a colon after ${show(last)}`;
  return `a comma, or ${inObject ? '}' : ']'}`;
}

/** What a person sees of a token: its first line, not all of a long one, and what would not be visible by its number. */
function show(text: string): string {
  const [first = ''] = text.slice(0, 40).split(/[\n\r]/, 1);
  return first.replace(/[[\p{C}\p{Z}]--[ ]]/gv, (hidden) => {
    const number = hidden.codePointAt(0) ?? 0;
    return `<U+${number.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}
