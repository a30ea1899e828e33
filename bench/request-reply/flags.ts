import { parseArgs } from 'node:util';

const USAGE = `Measures request-reply against grpc-js, what each semantics costs, and how large a reply cache has to be.

Usage: npm run bench:request-reply -- [flags]

  --rounds N       rounds, of which medians are printed (default 3)
  --seconds S      of each measurement (default 2)
  --quick          one round of half a second each: whether it runs
  --json           print JSON
  --plot FILE.svg  draw throughput by size of the reply cache
  --help           print this
`;

export interface Flags {
  readonly rounds: number;
  readonly seconds: number;
  readonly json: boolean;
  readonly plot: string | null;
}

/** What was typed; ends the program if that asks for help, or is wrong. */
export function readFlags(): Flags {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '2' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        plot: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) end(USAGE, 0);
    const rounds = values.quick ? 1 : Number(values.rounds);
    const seconds = values.quick ? 0.5 : Number(values.seconds);
    if (!Number.isSafeInteger(rounds) || rounds < 1) throw new TypeError(`--rounds is a whole number from 1`);
    if (!(seconds > 0 && seconds < 3_600)) throw new TypeError('--seconds is a number of seconds');
    return { rounds, seconds, json: values.json, plot: values.plot ?? null };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // those of parseArgs are TypeErrors too
    return end(`${error.message}\n\n${USAGE}`, 2);
  }
}

function end(text: string, code: number): never {
  if (code === 0) process.stdout.write(text);
  else process.stderr.write(text);
  process.exit(code);
}
