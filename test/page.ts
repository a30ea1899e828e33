/** Pages of documentation, as far as tests look into them. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));
}

/** What a block of output says, as a pattern: a line of `…` stands for any lines, `…` within one for anything in it. */
export function patternOf(output: string): RegExp {
  const literal = output.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('\n…\n', '\n(?:[^]*\n)?').replaceAll('…', '.*')}$`);
}
