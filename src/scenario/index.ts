/**
 * Scenarios: files that say what system runs, in what world, under which faults, for how long, and what must hold. A
 * seed makes a plan of a scenario, a plan makes a run; a run that fails is cut down, told, and saved as a trace.
 */
export { type FailingPlan, smallerPlans } from './minimise-plan.ts';
export { parseScenario, settingOf } from './parse.ts';
export { checkExports } from './protocol/exports.ts';
export { type Protocol, protocolOf } from './protocol/protocol.ts';
export { ProtocolTrial } from './protocol/trial.ts';
export type { StorePlan } from './store/plan.ts';
export { STORE_SUBJECT, type StoreNodeFactory, StoreTrial, storeNodes } from './store/trial.ts';
export { formatToldStep, type ToldStep, tellTrace } from './story.ts';
export { tellFault } from './tell-fault.ts';
export type { Failure, Outcome, Plan, Trial } from './trial.ts';
export type { GroupYear } from './year/group-year.ts';
export { htmlReport } from './year/html-report.ts';
export type { YearScenario } from './year/scenario.ts';
export { summarise, type YearSummary } from './year/summary.ts';
export { textReport } from './year/text-report.ts';
export { grouped } from './year/words.ts';
export { Year } from './year/year.ts';
