import { fileURLToPath } from 'node:url';

/** How this program is called: in a checkout through npm, as long as it is not installed. */
export function programName(): string {
  return fileURLToPath(import.meta.url).endsWith('.ts') ? 'npm run -s coterie --' : 'coterie';
}
