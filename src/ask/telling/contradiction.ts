import type { Contradiction } from '../calls/contradictions.ts';
import { tellReport } from '../question.ts';
import { listed } from '../words.ts';
import { tellSteps } from './steps.ts';
import { wrapped } from './words.ts';

/** Which report is at fault if no execution agrees with all. */
export function tellContradiction(contradiction: Contradiction, why: boolean): string {
  const { call, name, reported, instead, isAlone } = contradiction;
  const what = listed(reported.map(tellReport), 'or');
  const others = isAlone ? ', whatever the calls before it reported' : ' after what the calls before it reported';
  const can = listed(
    instead.map(({ report }) => tellReport(report)),
    'or',
  );
  const fault = `AT FAULT: ${name}, call ${call}, cannot report ${what}${call === 1 ? '' : others}. It can report ${can}.`;
  const parts = [wrapped(fault)];
  if (why) parts.push(...instead.map((each) => tellTrial(`It can report ${tellReport(each.report)}:`, each)));
  return [...parts, ...tellReasons(contradiction, what, why)].join('\n\n');
}

function tellReasons({ reasons, isSearched }: Contradiction, what: string, why: boolean): string[] {
  const [only] = reasons;
  const searched = isSearched ? 'no assumption relaxed alone' : 'as far as was searched; see --states';
  if (only === undefined) return [wrapped(`Nothing lets it report ${what}: ${searched}.`, '  ')];
  if (why) return reasons.map((reason) => tellTrial(`It could report ${what} if ${reason.if}:`, reason));
  if (reasons.length === 1) return [wrapped(`It could report ${what} if ${only.if}.`, '  ')];
  return [[`  It could report ${what} if`, ...reasons.map((reason) => `  - ${reason.if}`)].join('\n')];
}

function tellTrial(title: string, { execution }: { readonly execution: readonly string[] }): string {
  return `  ${title}\n\n${tellSteps(execution, '    ')}`;
}
