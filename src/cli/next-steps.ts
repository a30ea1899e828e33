import { programName } from './program-name.ts';
import { DEFAULT_ENDPOINT } from './store-access.ts';

/** What to type next, with a store serving on endpoints: of all members, as each may be the one that is killed next. */
export function nextSteps(endpoints: readonly string[]): string {
  const where = endpoints[0] === DEFAULT_ENDPOINT ? '' : ` --endpoints ${endpoints.join(',')}`;
  return `
Next, in another terminal:

  ${programName()} put greeting hello${where}
  ${programName()} get greeting${where}
  etcdctl --endpoints ${endpoints.join(',')} get greeting

Ctrl-C stops it; started again, it has all of its data.
`;
}
