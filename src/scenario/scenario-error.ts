/** A scenario that cannot be run as it is written: says where, what was expected, and what was found. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly code = 'wrongUse';
}
