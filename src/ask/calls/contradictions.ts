import { type CallsQuestion, type ProgramCall, REPORTS, type Report, tellCall, tellReport } from '../question.ts';
import { listed } from '../words.ts';
import { relaxationsOf } from './relaxations.ts';
import { type AskOptions, type ContradictedBy, type Observation, observations } from './search.ts';
import { tellExecution } from './story.ts';

/** A call that no execution lets report what it is said to have reported, after what those before it reported. */
export interface Contradiction {
  /** Its number, from 1. */
  readonly call: number;
  readonly name: string;
  readonly reported: readonly Report[];
  /** What it can report after those, each with a shortest execution. */
  readonly instead: readonly { readonly report: Report; readonly execution: readonly string[] }[];
  /** Whether it cannot report that whatever the calls before it reported. */
  readonly isAlone: boolean;
  /** What would let it report that: another report of one call before it, or one assumption less. */
  readonly reasons: readonly { readonly if: string; readonly execution: readonly string[] }[];
  /** Whether every search came to its end. */
  readonly isSearched: boolean;
}

/**
 * Which reports are at fault if no execution agrees with them all: the first call that cannot report what it is said to
 * have reported; with any report allowed for that, the next; and so on, until some execution agrees.
 */
export function contradictionsOf(
  question: CallsQuestion,
  options: AskOptions,
  forReasons: AskOptions,
): Contradiction[] {
  const found: Contradiction[] = [];
  for (let asked = question; ; ) {
    const search = observations(asked, { ...options, deviationsMax: 0 });
    // Executions go on as long as they agree, so one that goes furthest ends at the first call that none gets past.
    const call = Math.max(0, ...search.contradictions.map((each) => each.call));
    if (search.found.size > 0 || search.cuts.length > 0 || call === 0) return found;
    const ends = search.contradictions.filter((each) => each.call === call);
    found.push(contradictionAt(asked, call, ends, forReasons));
    asked = withAny(asked, (number) => number === call);
  }
}

function contradictionAt(
  asked: CallsQuestion,
  call: number,
  ends: readonly ContradictedBy[],
  options: AskOptions,
): Contradiction {
  const question: CallsQuestion = { ...asked, asks: 'outcomes', program: asked.program.slice(0, call) };
  const trials = new Trials(asked, options);
  const isAlone = trials.first(withAny(question, (number) => number < call)) === null;
  const reasons = [...(isAlone ? [] : trials.ofReports(question, call)), ...trials.ofAssumptions(question)];
  return {
    call,
    name: tellCall(asked, call),
    reported: question.program.at(-1)?.reported ?? [],
    instead: REPORTS.flatMap((report) => {
      const end = ends.find((each) => each.report === report);
      return end === undefined ? [] : [{ report, execution: tellExecution(asked, end.model, end.run) }];
    }),
    isAlone,
    reasons,
    isSearched: trials.isComplete,
  };
}

/** Questions that relax something of one that has no answer. */
class Trials {
  isComplete = true;
  readonly #options: AskOptions;
  /** Whose calls are named, though it is only its beginning that is tried. */
  readonly #whole: CallsQuestion;

  constructor(whole: CallsQuestion, options: AskOptions) {
    this.#whole = whole;
    this.#options = options;
  }

  /** What is observed first; null if nothing is. */
  first(question: CallsQuestion): Observation | null {
    const [observation = null] = this.#all(question);
    return observation;
  }

  /** Each call before that one, as if it had reported anything. */
  ofReports(question: CallsQuestion, call: number): Contradiction['reasons'] {
    const reasons: Contradiction['reasons'][number][] = [];
    for (let number = 1; number < call; number += 1) {
      const asked = withAny(question, (each) => each === number);
      const observed = this.#all(asked);
      const [shortest] = observed;
      if (shortest === undefined) continue;
      const reports = REPORTS.filter((report) => observed.some((each) => each.observed[number - 1] === report));
      reasons.push({
        if: `${tellCall(this.#whole, number)} reported ${listed(reports.map(tellReport), 'or')}`,
        execution: this.#tell(asked, shortest),
      });
    }
    return reasons;
  }

  ofAssumptions(question: CallsQuestion): Contradiction['reasons'] {
    return relaxationsOf(question).flatMap(({ without, relax, deviates }) => {
      const asked = relax(question);
      const observation = deviates ? null : this.first(asked);
      if (observation === null) return [];
      return [{ if: without, execution: this.#tell(asked, observation) }];
    });
  }

  #tell(asked: CallsQuestion, { model, run }: Observation): readonly string[] {
    return tellExecution({ ...asked, program: this.#whole.program }, model, run);
  }

  #all(question: CallsQuestion): Observation[] {
    const { found, cuts } = observations(question, { ...this.#options, deviationsMax: 0 });
    if (found.size === 0 && cuts.length > 0) this.isComplete = false;
    return [...found.values()];
  }
}

/** The question in which some calls, by their number, may have reported anything. */
function withAny(question: CallsQuestion, isAny: (call: number) => boolean): CallsQuestion {
  const program = question.program.map((call, index): ProgramCall => {
    return isAny(index + 1) ? { ...call, reported: REPORTS } : call;
  });
  return { ...question, program };
}
