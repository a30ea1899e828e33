import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import {
  answer,
  isComplete,
  type Question,
  QuestionError,
  readQuestion,
  reportOfAnswer,
  tellAnswer,
} from '../../ask/index.ts';
import { grouped } from '../check-report.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { toJsonLine } from '../json.ts';

const STATES = 1_000_000;

export const ask: Command = {
  name: 'ask',
  summary: 'Answer which values a program can read, given what may go wrong',
  arguments: ['QUESTION'],
  flags: {
    why: { help: 'tell also, step by step, what would make possible what is not' },
    states: { value: 'N', help: `stop after N distinct states (default ${STATES})` },
  },
  notes: `
QUESTION is a JSON file: a program of puts, gets and increments with what each call reported, the semantics of the
calls, and what network and server may do; docs/questions.md tells how to write one, and questions/ has some. All
executions are searched. Told are the values that can be read, with a shortest execution to each, and of those that
cannot be, what would have to be otherwise. Exit codes: 0 answered; 2 wrong use; 3 the search was cut short, so there
may be more values than those found. Example:

  $0 ask questions/1-both-succeed.json
`,
  async run(given, terminal) {
    const statesMax = given.number('states', { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? STATES;
    const question = await load(given.at(0));
    const found = answer(question, {
      statesMax,
      onProgress: (states) => terminal.progress(`${grouped(states)} states`),
    });
    terminal.progress(null);
    const told = given.has('json') ? toJsonLine(reportOfAnswer(found)) : tellAnswer(found, { why: given.has('why') });
    await terminal.write(told);
    return isComplete(found) ? EXIT.ok : EXIT.cutShort;
  },
};

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; name one, such as questions/1-both-succeed.json',
  EISDIR: 'it is a directory; name a file in it',
};

async function load(file: string): Promise<Question> {
  const bytes = await readFile(file).catch((error) => {
    const why = UNREADABLE[error.code] ?? error.message;
    throw new UsageError(`cannot read the question '${file}': ${why}`, { cause: error });
  });
  if (!isUtf8(bytes)) throw new UsageError(`${file}: the question is no JSON: it is not UTF-8; see docs/questions.md`);
  try {
    return readQuestion(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof QuestionError)) throw error;
    throw new UsageError(`${file}: ${error.message}; see docs/questions.md`, { cause: error });
  }
}
