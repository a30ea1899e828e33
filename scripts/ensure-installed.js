// Runs before `npm start`, `npm test` and `npm run coterie`, on whatever Node the machine has: installs the
// dependencies when there are none yet, or when the lock file is newer than what is installed.
import { spawnSync } from 'node:child_process';
import { statSync, utimesSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const modified = (path) => statSync(new URL(path, root), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const installed = 'node_modules/.package-lock.json';
if (modified(installed) < modified('package-lock.json')) {
  console.error('coterie: installing dependencies (npm ci) ...');
  const run = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    // Standard output belongs to the command that follows, which may be asked for --json.
    stdio: ['ignore', 2, 2],
  });
  if (run.status !== 0) {
    console.error('coterie: npm ci failed; see its message above, mend it, and run the command again');
    process.exit(run.status ?? 1);
  }
  const now = new Date();
  utimesSync(new URL(installed, root), now, now);
}
