import type { Model } from '../model.ts';
import { changed, type Move, modelOfMoves, range, type Words } from './words.ts';

const ACCEPTORS = range(3);
const QUORUMS = [
  [0, 1],
  [0, 2],
  [1, 2],
];
const VALUES = range(2);
/** No ballot, or no value, yet: ballots and values are counted from 1. */
const NONE = 0;

/** Where the words of a state are: three of each acceptor, then the messages that were sent, as a set of bits for each kind. */
const promised = (acceptor: number): number => 3 * acceptor;
const voted = (acceptor: number): number => 3 * acceptor + 1;
const value = (acceptor: number): number => 3 * acceptor + 2;
const [ONE_A, ONE_B, TWO_A, TWO_B] = [9, 10, 13, 14];

/** A promise or a vote as a bit: of a ballot with a last ballot and its value, or with a value. */
const promiseBit = (ballot: number, last: number, datum: number): number => 1 << (9 * (ballot - 1) + 3 * last + datum);
const voteBit = (ballot: number, datum: number): number => 1 << (2 * (ballot - 1) + datum - 1);

/**
 * Paxos with three acceptors, two values and two ballots: the steps are those of the specification `Paxos` of Lamport's
 * lecture "The Paxos algorithm, or how to win a Turing award" in TLA+ Examples. Messages are a set that only grows.
 */
export function paxos(): Model<Words, Move> {
  const moves = (state: Words): Move[] => {
    const has = (word: number, bit: number): boolean => ((state[word] as number) & bit) !== 0;
    const sent = (word: number, bit: number): [number, number] => [word, (state[word] as number) | bit];
    const proposals = BALLOTS.flatMap((ballot) =>
      QUORUMS.flatMap((quorum) => proposable(state, ballot, quorum)).map((datum) => ({
        name: `2a ${ballot} ${datum}`,
        to: changed(state, sent(TWO_A, voteBit(ballot, datum))),
      })),
    );
    const begun = BALLOTS.map((ballot) => ({ name: `1a ${ballot}`, to: changed(state, sent(ONE_A, 1 << ballot)) }));
    const answers = ACCEPTORS.flatMap((acceptor) => [
      ...BALLOTS.filter((ballot) => has(ONE_A, 1 << ballot) && ballot > (state[promised(acceptor)] as number)).map(
        (ballot) => {
          const bit = promiseBit(ballot, state[voted(acceptor)] as number, state[value(acceptor)] as number);
          const to = changed(state, [promised(acceptor), ballot], sent(ONE_B + acceptor, bit));
          return { name: `1b ${acceptor} ${ballot}`, to };
        },
      ),
      ...BALLOTS.filter((ballot) => ballot >= (state[promised(acceptor)] as number)).flatMap((ballot) =>
        VALUES.map((index) => index + 1)
          .filter((datum) => has(TWO_A, voteBit(ballot, datum)))
          .map((datum) => {
            const vote = sent(TWO_B + acceptor, voteBit(ballot, datum));
            const to = changed(
              state,
              [promised(acceptor), ballot],
              [voted(acceptor), ballot],
              [value(acceptor), datum],
              vote,
            );
            return { name: `2b ${acceptor} ${ballot}`, to };
          }),
      ),
    ]);
    return [...begun, ...proposals, ...answers];
  };
  return modelOfMoves([new Array<number>(17).fill(NONE)], moves, { properties: { invariants: { agreement } } });
}

const BALLOTS = [1, 2];

/** The values that a ballot may propose by the promises of a quorum; once for each reason, as TLC counts them. */
function proposable(state: Words, ballot: number, quorum: readonly number[]): number[] {
  if (((state[TWO_A] as number) & (voteBit(ballot, 1) | voteBit(ballot, 2))) !== 0) return [];
  const promises = quorum.map((acceptor) => promiseOf(state, acceptor, ballot));
  if (promises.includes(null)) return [];
  const votes = promises.filter((promise) => promise !== null && promise.last !== NONE);
  const highest = Math.max(...votes.map((vote) => vote?.last ?? NONE));
  if (votes.length === 0) return [1, 2];
  return votes.flatMap((vote) => (vote?.last === highest ? [vote.datum] : []));
}

function promiseOf(
  state: Words,
  acceptor: number,
  ballot: number,
): { readonly last: number; readonly datum: number } | null {
  for (const last of [NONE, ...BALLOTS]) {
    for (const datum of [NONE, 1, 2]) {
      if (((state[ONE_B + acceptor] as number) & promiseBit(ballot, last, datum)) !== 0) return { last, datum };
    }
  }
  return null;
}

function agreement(state: Words): string | null {
  const isChosen = (datum: number): boolean =>
    BALLOTS.some((ballot) =>
      QUORUMS.some((quorum) =>
        quorum.every((acceptor) => ((state[TWO_B + acceptor] as number) & voteBit(ballot, datum)) !== 0),
      ),
    );
  return isChosen(1) && isChosen(2) ? 'two values are chosen' : null;
}
