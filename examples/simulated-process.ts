/**
 * A protocol of your own, run in virtual time: a node asks another until it answers, over a network that loses half of
 * all messages. The same seed gives the same run.
 *
 *     npm run -s example examples/simulated-process.ts [seed]
 *
 * In a project of your own, import from 'coterie/kernel' and 'coterie/sim'.
 */
import { type Address, address, type NodeDefinition, Process } from '../src/kernel/index.ts';
import { Simulation } from '../src/sim/index.ts';

type Ask = { readonly type: 'ask'; readonly question: number };
type Answer = { readonly type: 'answer'; readonly question: number; readonly answer: number };

/** Answers with the square, and counts how often it was asked: more often than there are questions, as some repeat. */
class Answerer extends Process<Ask | Answer> {
  asked = 0;

  override onMessage(from: Address, message: Ask | Answer): void {
    if (message.type !== 'ask') return;
    this.asked += 1;
    this.send(from, { type: 'answer', question: message.question, answer: message.question ** 2 });
  }
}

/** Asks one question after the other, each again and again until it is answered. */
class Asker extends Process<Ask | Answer, 'again', never, string> {
  question = 1;

  override onStart(): void {
    this.ask();
  }

  override onTimer(_timer: 'again'): void {
    this.ask();
  }

  override onMessage(_from: Address, message: Ask | Answer): void {
    if (message.type !== 'answer' || message.question !== this.question) return; // a late one, to a question before
    this.output(`${message.question} squared is ${message.answer}, at ${this.now().toFixed(1)} ms`);
    this.question += 1;
    if (this.question <= 5) this.ask();
    else this.cancelTimer('again');
  }

  private ask(): void {
    this.send(address('answerer'), { type: 'ask', question: this.question });
    this.setTimer('again', 20);
  }
}

const seed = Number(process.argv[2] ?? 1);
const nodes = new Map<string, NodeDefinition>([
  ['answerer', () => new Map([['', new Answerer()]])],
  ['asker', () => new Map([['', new Asker()]])],
]);
const simulation = new Simulation({
  seed,
  nodes,
  network: { loss: 0.5 },
  onOutput: (output) => console.log(output),
});
simulation.run({});
const answerer = simulation.process(address('answerer'));
if (answerer instanceof Answerer) console.log(`asked ${answerer.asked} times; seed ${seed} will always do that`);
