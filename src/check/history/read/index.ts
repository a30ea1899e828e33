/** Histories of any system, read from text. */
export type { Call } from './call.ts';
export { type KeyedInput, keyed } from './keyed.ts';
export { OBJECT_MODELS, type ObjectHistory, type ObjectModel, objectHistory, plainOperations } from './objects.ts';
export { formatHistory, readHistory } from './read-history.ts';
export { TRANSACTION_MODELS, type TransactionModel, transactionHistory } from './transactions.ts';
