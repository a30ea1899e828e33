/** Isolation of transactions, told from what they read. */
export * from './anomaly.ts';
export * from './isolation.ts';
export { ISOLATION_MODELS, type IsolationModel, isProscribed } from './models.ts';
export { describeTransaction, type MicroOperation, type Transaction } from './transaction.ts';
