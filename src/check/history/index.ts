/** Checks of histories: what clients of a shared object saw, compared with what a consistent object could have shown. */
export * from './consistency/index.ts';
export { describeOperation } from './describe-operation.ts';
export * from './history.ts';
export * from './history-error.ts';
export * from './isolation/index.ts';
export * from './linearizability.ts';
export * from './models.ts';
export { type Bar, type BarMark, historyPage } from './picture/page.ts';
export * from './read/index.ts';
export * from './report.ts';
export type { SearchLimits, SearchProgress } from './search.ts';
export * from './sequential-model.ts';
