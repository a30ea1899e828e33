import { programName } from './program-name.ts';
import { DEFAULT_ENDPOINT } from './store-access.ts';

/**
 * What to type next, with a store serving on endpoints: of all members, as each may be the one that is killed next.
 *
 * @param callFlags  by which `call` reaches the store; null if it serves no request-reply
 */
export function nextSteps(endpoints: readonly string[], callFlags: readonly string[] | null): string {
  const where = endpoints[0] === DEFAULT_ENDPOINT ? '' : ` --endpoints ${endpoints.join(',')}`;
  const calls = callFlags === null ? [] : ['call put greeting hello', 'call get greeting'];
  const called = calls.map((typed) => `\n  ${[programName(), typed, ...(callFlags ?? [])].join(' ')}`).join('');
  return `
Next, in another terminal:

  ${programName()} put greeting hello${where}
  ${programName()} get greeting${where}
  etcdctl --endpoints ${endpoints.join(',')} get greeting${called}

Ctrl-C stops it; started again, it has all of its data.
`;
}
