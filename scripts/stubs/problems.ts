/** What is wrong with a `.proto`, and where. The line is null if it is the file as a whole, or not known. */
export interface Problem {
  readonly file: string;
  readonly line: number | null;
  readonly message: string;
}

/** All that is wrong, so that one bad file does not hide another. */
export class ProblemsError extends Error {
  readonly code = 'problems';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemText).join('\n'));
    this.name = 'ProblemsError';
    this.problems = problems;
  }
}

function problemText({ file, line, message }: Problem): string {
  return `${file}${line === null ? '' : `:${line}`}: ${message}`;
}
