import type { Address } from './address.ts';
import type { AnyProcess } from './process.ts';

/**
 * All processes of a system at one instant, as an observer outside of it would see them: what a specification is
 * about. Simulator and checker both show their state so, hence one specification serves both.
 */
export interface World {
  /** Every process that is up, in a fixed order. The processes are to be read, never to be changed. */
  processes(): Iterable<readonly [Address, AnyProcess]>;
  /** The process at an address; undefined while its node is down. */
  process(at: Address): AnyProcess | undefined;
}

/** Says what is wrong with a world, in words; null if nothing is. */
export type Invariant = (world: World) => string | null;

/** Says what is wrong with one step from a world to the next; null if nothing is. */
export type StepInvariant = (before: World, after: World) => string | null;

/** Whether a world is one that the protocol exists to reach: the *sometimes* that keeps an *always* from being vacuous. */
export type Goal = (world: World) => boolean;

/** What must hold of a protocol, by name; told apart from how it is checked. */
export interface Spec {
  /** Hold in every reachable world. */
  readonly invariants?: Readonly<Record<string, Invariant>>;
  /** Hold of every step. */
  readonly steps?: Readonly<Record<string, StepInvariant>>;
  /** Are reached by some run. */
  readonly goals?: Readonly<Record<string, Goal>>;
  /** Are reached by every run, if whatever stays possible happens in the end. */
  readonly eventually?: Readonly<Record<string, Goal>>;
}
