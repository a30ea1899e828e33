import type { Terminal } from './terminal.ts';

/** What takes no longer is shown no progress. */
const SHOWN_AFTER_MS = 1_000;

/**
 * Tells a person, after a second, whom a command waits for and how long at most.
 *
 * @param longestMs  infinite if it waits until there is an answer
 * @returns what to call when the wait is over
 */
export function tellOfWait(terminal: Terminal, whom: string, longestMs: number): () => void {
  const longest = Number.isFinite(longestMs)
    ? `for at most ${Math.ceil(longestMs / 1_000)} s`
    : 'as long as it takes; --timeout MS would end it';
  let isShown = false;
  const timer = setTimeout(() => {
    isShown = true;
    terminal.progress(`waiting for ${whom} to answer, ${longest}`);
  }, SHOWN_AFTER_MS);
  return () => {
    clearTimeout(timer);
    if (isShown) terminal.progress(null);
    isShown = false;
  };
}
