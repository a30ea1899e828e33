import { Hasher } from '../fingerprint.ts';
import type { Model } from '../model.ts';

/**
 * Two-phase commit: Gray and Lamport, "Consensus on Transaction Commit" (2006), the specification TwoPhase of section 3,
 * encoded by hand in one word per state. Messages are a set that only grows, as in the specification.
 *
 * Bits 0-1 the transaction manager; then per resource manager i: 2 bits its state, 1 bit whether the transaction
 * manager has heard that it is prepared, 1 bit whether its `Prepared` was sent; then two bits, `Commit` and `Abort` sent.
 */
export function twoPhase(managers: number): Model<number, number> {
  if (managers > 7) throw new Error(`the state must fit in 32 bits: at most 7 resource managers, got ${managers}`);
  const hasher = new Hasher();
  const everyHeard = (state: number): boolean => {
    for (let rm = 0; rm < managers; rm += 1) if ((state & heard(rm)) === 0) return false;
    return true;
  };
  return {
    initial: () => [0],
    actions: (state) => {
      const actions: number[] = [];
      const undecided = (state & TM) === TM_INIT;
      if (undecided && everyHeard(state)) actions.push(TM_COMMIT);
      if (undecided) actions.push(TM_ABORT);
      for (let rm = 0; rm < managers; rm += 1) {
        const at = managerState(state, rm);
        if (undecided && (state & sentPrepared(rm)) !== 0) actions.push(HEAR + rm);
        if (at === WORKING) actions.push(PREPARE + rm, CHOOSE_ABORT + rm);
        if ((state & SENT_COMMIT) !== 0) actions.push(LEARN_COMMIT + rm);
        if ((state & SENT_ABORT) !== 0) actions.push(LEARN_ABORT + rm);
      }
      return actions;
    },
    next: (state, action) => {
      const rm = action & 7;
      switch (action & ~7) {
        case TM_COMMIT:
          return (state & ~TM) | TM_COMMITTED | SENT_COMMIT;
        case TM_ABORT:
          return (state & ~TM) | TM_ABORTED | SENT_ABORT;
        case HEAR:
          return state | heard(rm);
        case PREPARE:
          return withManager(state, rm, PREPARED) | sentPrepared(rm);
        case CHOOSE_ABORT:
        case LEARN_ABORT:
          return withManager(state, rm, ABORTED);
        case LEARN_COMMIT:
          return withManager(state, rm, COMMITTED);
        default:
          throw new Error(`no such action: ${action}`);
      }
    },
    fingerprint: (state, into) => hasher.reset().word(state).finish(into),
    tellAction: (action) => `${ACTION_NAMES[action >> 3]} ${action & 7}`,
    properties: {
      invariants: {
        consistent: (state) => {
          let committed = false;
          let aborted = false;
          for (let rm = 0; rm < managers; rm += 1) {
            const at = managerState(state, rm);
            committed ||= at === COMMITTED;
            aborted ||= at === ABORTED;
          }
          return committed && aborted ? 'one resource manager has committed and another has aborted' : null;
        },
      },
    },
  };
}

const WORKING = 0;
const PREPARED = 1;
const COMMITTED = 2;
const ABORTED = 3;

const TM = 0b11;
const TM_INIT = 0;
const TM_COMMITTED = 1;
const TM_ABORTED = 2;
const SENT_COMMIT = 1 << 30;
const SENT_ABORT = 1 << 31;

const TM_COMMIT = 0 << 3;
const TM_ABORT = 1 << 3;
const HEAR = 2 << 3;
const PREPARE = 3 << 3;
const CHOOSE_ABORT = 4 << 3;
const LEARN_COMMIT = 5 << 3;
const LEARN_ABORT = 6 << 3;
const ACTION_NAMES = [
  'TMCommit',
  'TMAbort',
  'TMRcvPrepared',
  'RMPrepare',
  'RMChooseToAbort',
  'RMRcvCommit',
  'RMRcvAbort',
];

const heard = (rm: number): number => 1 << (4 + 4 * rm);
const sentPrepared = (rm: number): number => 1 << (5 + 4 * rm);

function managerState(state: number, rm: number): number {
  return (state >> (2 + 4 * rm)) & 3;
}

function withManager(state: number, rm: number, at: number): number {
  return (state & ~(3 << (2 + 4 * rm))) | (at << (2 + 4 * rm));
}
