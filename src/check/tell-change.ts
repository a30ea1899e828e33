import { type Change, print } from '../kernel/index.ts';

/** The path of an item's presence in a set; what looks like one within quotes is none. */
const PRESENCE = /^((?:[^"]|"(?:[^"\\]|\\.)*")+?)\.has\((.*)\)$/;

/** A difference in words: `holder was null, is now "ann"`, `votes gains "a1"`. */
export function tellChange({ path, before, after }: Change): string {
  const [, set = '', item = ''] = PRESENCE.exec(path) ?? [];
  if (set !== '' && typeof after === 'boolean') return `${set} ${after ? 'gains' : 'loses'} ${item}`;
  if (before === undefined) return `${path} is now ${print(after)}`;
  if (after === undefined) return `${path} is gone (was ${print(before)})`;
  return `${path} was ${print(before)}, is now ${print(after)}`;
}
