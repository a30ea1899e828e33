import { programName } from './program-name.ts';
import { DEFAULT_ENDPOINT } from './store-access.ts';

/** What to type next, with a store serving on an endpoint. */
export function nextSteps(endpoint: string): string {
  const where = endpoint === DEFAULT_ENDPOINT ? '' : ` --endpoints ${endpoint}`;
  return `
Next, in another terminal:

  ${programName()} put greeting hello${where}
  ${programName()} get greeting${where}
  etcdctl --endpoints ${endpoint} get greeting

Ctrl-C stops it; started again, it has all of its data.
`;
}
