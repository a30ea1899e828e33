import { NO_KEY } from '../calls/program-client.ts';
import { type CallsQuestion, isPatient, type Report, tellReport, tellText } from '../question.ts';
import { listed } from '../words.ts';

const WIDTH = 100;

/** What was observed, as a person writes it: a value in quotes only if it needs them. */
export function tellObserved(observed: readonly string[]): string {
  return observed.map(tellOne).join(', ');
}

/** The same where it stands among others: in parentheses if it is more than one thing. */
export function tellAmongOthers(observed: readonly string[]): string {
  return observed.length === 1 ? tellObserved(observed) : `(${tellObserved(observed)})`;
}

function tellOne(observed: string): string {
  const value = valueIn(observed);
  return value === null ? tellReport(observed as Report) : tellText(value);
}

/** The value that a quoted text stands for; null if it stands for a report. */
export function valueIn(observed: string): string | null {
  return observed === NO_KEY || !observed.startsWith('"') ? null : String(JSON.parse(observed));
}

/** Breaks lines at blanks. */
export function wrapped(text: string, indent = '', width: number = WIDTH): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${indent}${each}`.trimEnd()).join('\n');
}

/** What is assumed of client, server and network: what the answer is true of. */
export function tellAssumptions(question: CallsQuestion): string {
  return [tellClient(question), ...tellServer(question), tellNetwork(question)].join(' ');
}

function tellClient(question: CallsQuestion): string {
  const { semantics, retries, acknowledges, deadline } = question;
  const over = acknowledges ? ' Each request says which calls are over.' : '';
  const until = deadline ? 'until it is answered, or, at some deadline, reports timeout' : 'until it is answered';
  if (isPatient(question)) return `The client sends a call ${until}.${over}`;
  if (semantics === 'maybe') return `The client sends a call once, and reports timeout if no answer comes.${over}`;
  return `The client sends a call up to ${times(retries + 1)}, and then reports timeout.${over}`;
}

export function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}

function tellServer({ semantics, server }: CallsQuestion): string[] {
  const { cache, store, crashes, incarnations, fails, gets } = server;
  const told: string[] = [];
  const most = semantics === 'atMostTwice' ? 'twice' : 'once';
  const where = cache === 'disk' ? 'on disk' : 'in memory';
  if (cache === 'none') told.push('The server executes every copy that arrives.');
  else told.push(`The server executes a call at most ${most}; it keeps its answers ${where}, for copies.`);
  if (cache !== 'none' && gets === 'current') told.push('A copy of a GET is answered with what holds then.');
  if (fails) told.push('It may report a failure, of what it did or did not do.');
  if (crashes === 0) told.push('It does not crash.');
  else told.push(`It may crash ${times(crashes)}; its store is ${store === 'disk' ? 'on disk' : 'lost then'}.`);
  if (incarnations) told.push('Once restarted, it refuses requests that were meant for its earlier life.');
  return told;
}

function tellNetwork({ network }: CallsQuestion): string {
  const { order, loses, duplicates, deliveriesMax } = network;
  const be = ['late', ...(loses ? ['lost'] : []), ...(duplicates ? ['duplicated'] : [])];
  const bound = deliveriesMax === null ? '' : `, but no call is delivered more than ${times(deliveriesMax)}`;
  const overtaking = order === 'fifo' ? ', but do not overtake one another' : ', and may overtake one another';
  return `Messages may be ${listed(be, 'or')}${overtaking}${bound}.`;
}
