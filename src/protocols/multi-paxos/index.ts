/**
 * Multi-Paxos, the store's replication protocol.
 *
 * Each step of the protocol is a class on the one before: `Acceptor`, `Learner`, `CatchUp`, `Candidacy`, `Leadership`,
 * `Reads`, and `Replica`, which is what runs. `SessionClient` is the client's half of exactly-once. `spec` says what must
 * hold.
 */
export { type Ballot, compareBallots, formatBallot, NO_BALLOT } from './ballot.ts';
export { Log, NO_SLOT, type Slot, slotAfter, type Vote } from './log.ts';
export {
  changed,
  isSound,
  type Membership,
  type MembershipChange,
  membershipOf,
  type QuorumSizes,
} from './membership.ts';
export type { Command, PaxosMessage, ReplicaOutput, ReplicaRecord, Value } from './messages.ts';
export { DEFAULT_LIMITS, DEFAULT_TIMING, type Limits, type Timing } from './options.ts';
export { Replica } from './replica.ts';
export { type Call, type CallOutcome, type Cancel, type Query, SessionClient } from './session-client.ts';
export { Sessions } from './sessions.ts';
export { ChosenValues, type ClockedWorld, multiPaxosSpec, oneLeaseholder } from './spec.ts';
