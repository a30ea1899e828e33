import { type Address, nodeOf } from '../../kernel/index.ts';
import { Leadership } from './leadership.ts';
import type { Slot } from './log.ts';
import type { Read, ReadIndex, ReadIndexReply } from './messages.ts';
import type { Leader, ReadAnswer, WaitingRead } from './roles.ts';

const EARLY = { early: true };

const QUESTIONS_PER_LIFE = 2 ** 32;

/** Linearizable reads, by the leader's lease, by a round of heartbeats, or by a follower that asks for the index. */
export abstract class Reads extends Leadership {
  /** Linearizable reads at a follower: gathered, then asked for with one question, then waiting to be executed up to. */
  readsToAsk: ReadAnswer[] = [];
  readsAsked: Map<number, ReadAnswer[]> = new Map();
  readsAwaiting: { readonly index: Slot; readonly answers: readonly ReadAnswer[] }[] = [];
  /** The number of the next question; null before the first of this life. */
  nextQuestion: number | null = null;
  isAskingDurable = false;

  protected override abandon(role: Leader): void {
    super.abandon(role);
    for (const { answer } of role.reads) this.refuseRead(answer);
  }

  protected override leaderFound(): void {
    if (this.readsToAsk.length > 0) this.setTimer('askIndex', 0);
  }

  protected onRead(client: Address, { id, query, consistency }: Read): void {
    const answer: ReadAnswer = { type: 'query', client, id, query };
    if (consistency === 'stale') return this.answerRead(answer, this.chosen);
    if (this.role.type === 'leader') return this.confirmRead(this.role, answer);
    if (this.leader === null) return this.refuseRead(answer);
    this.readsToAsk.push(answer);
    if (this.readsToAsk.length === 1) this.setTimer('askIndex', 0);
  }

  /**
   * A leader reads what is chosen now, once everything that phase 1 found is, and once it is certain to be the
   * leader still: by its lease, or by a quorum's answer to a heartbeat that left after the read arrived.
   */
  protected confirmRead(role: Leader, answer: ReadAnswer): void {
    const index = Math.max(this.chosen, role.foundThrough) as Slot;
    if (this.chosen >= index && this.holdsLease(this.now())) return this.answerRead(answer, index);
    if (role.reads.length === 0) this.setTimer('heartbeat', 0);
    role.reads.push({ index, beat: role.beat + 1, answer });
  }

  protected refuseRead(answer: ReadAnswer): void {
    if (answer.type === 'index') return; // the follower's client asks again
    const { client, id } = answer;
    this.send(client, { type: 'refused', of: id, session: 0, reason: 'noLeader', definite: true }, EARLY);
  }

  protected override answerReads(role: Leader): void {
    if (role.reads.length === 0) return;
    const holdsLease = this.holdsLease(this.now());
    const waiting: WaitingRead[] = [];
    for (const read of role.reads) {
      const isConfirmed = holdsLease || this.isAcknowledged(role, ({ beat }) => beat >= read.beat);
      if (isConfirmed && this.chosen >= read.index) this.answerRead(read.answer, read.index);
      else waiting.push(read);
    }
    role.reads = waiting;
  }

  protected answerRead(answer: ReadAnswer, index: Slot): void {
    switch (answer.type) {
      case 'index':
        return this.send(
          answer.follower,
          { type: 'readIndexReply', id: answer.id, ballot: this.promised, index },
          EARLY,
        );
      case 'query':
        return this.send(
          answer.client,
          { type: 'readReply', id: answer.id, reply: this.machine.read(answer.query) },
          EARLY,
        );
      default:
        return answer satisfies never;
    }
  }

  /** A follower asks the leader once for all reads that arrived meanwhile. */
  protected askIndex(): void {
    if (this.role.type === 'leader') {
      for (const answer of this.readsToAsk.splice(0)) this.confirmRead(this.role, answer);
    } else if (this.leader !== null && this.readsToAsk.length > 0) {
      const id = this.nextQuestion ?? this.beginAsking();
      this.nextQuestion = id + 1;
      this.readsAsked.set(id, this.readsToAsk);
      this.readsToAsk = [];
      this.forgetOldQuestions();
      this.send(this.peer(this.leader), { type: 'readIndex', id }, { early: this.isAskingDurable });
    }
  }

  /** An answer to a question of an earlier life must not be taken for one to a question of this life. */
  protected beginAsking(): number {
    this.askingLives += 1;
    this.persist({ type: 'asking', lives: this.askingLives });
    return this.askingLives * QUESTIONS_PER_LIFE;
  }

  /** Clients ask again when no answer comes; what they asked long ago is not waited for. */
  protected forgetOldQuestions(): void {
    const questionsMax = 1_000;
    for (const id of this.readsAsked.keys()) {
      if (this.readsAsked.size <= questionsMax) return;
      this.readsAsked.delete(id);
    }
  }

  protected onReadIndex(follower: Address, { id }: ReadIndex): void {
    if (this.role.type === 'leader') this.confirmRead(this.role, { type: 'index', follower, id });
  }

  protected onReadIndexReply(from: Address, { id, ballot, index }: ReadIndexReply): void {
    const answers = this.readsAsked.get(id);
    if (answers === undefined) return;
    this.readsAsked.delete(id);
    this.isAskingDurable = true; // or the question would not have left
    this.readsAwaiting.push({ index, answers });
    this.learnThrough(ballot, index, nodeOf(from));
    this.answerAwaiting();
  }

  protected answerAwaiting(): void {
    if (this.readsAwaiting.length === 0) return;
    const ready = this.readsAwaiting.filter(({ index }) => index <= this.chosen);
    if (ready.length === 0) return;
    this.readsAwaiting = this.readsAwaiting.filter(({ index }) => index > this.chosen);
    for (const { index, answers } of ready) for (const answer of answers) this.answerRead(answer, index);
  }
}
