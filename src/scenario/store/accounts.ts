import type { StoreRequest, StoreResponse } from '../../store/api.ts';
import { fromByteString } from '../../store/byte-string.ts';
import type { Asked } from './operations.ts';
import { keyOf, put, range, textOf } from './requests.ts';

const STARTING_BALANCE = 100;

/** What each account holds, and since which revision, as one read showed them. */
export type Balances = ReadonlyMap<number, { readonly balance: number; readonly revision: number }>;

export const ALL_ACCOUNTS: StoreRequest = range('account', 'accounu');

export function balancesIn(response: StoreResponse): Balances {
  const balances = new Map<number, { balance: number; revision: number }>();
  if (response.type !== 'range') throw new Error(`a range was answered by ${response.type}`);
  for (const kv of response.kvs) {
    const account = Number(keyOf(kv).slice('account'.length));
    balances.set(account, { balance: Number(textOf(kv)), revision: kv.modRevision });
  }
  return balances;
}

/** What is wrong with the sum of all; null if nothing. */
export function auditOf(balances: Balances, accounts: number): string | null {
  let sum = 0;
  for (let account = 0; account < accounts; account += 1) sum += balances.get(account)?.balance ?? STARTING_BALANCE;
  const expected = accounts * STARTING_BALANCE;
  return sum === expected ? null : `an audit found ${sum} in all accounts, not ${expected}`;
}

/** Moves the money if both accounts are still as they were read. */
export function transfer({ from, to, amount }: Extract<Asked, { type: 'transfer' }>, balances: Balances): StoreRequest {
  return {
    type: 'txn',
    compares: [from, to].map((account) => ({
      target: 'mod',
      relation: 'equal',
      key: fromByteString(accountKey(account)),
      end: null,
      revision: balances.get(account)?.revision ?? 0,
    })),
    success: [
      put(accountKey(from), `${(balances.get(from)?.balance ?? STARTING_BALANCE) - amount}`),
      put(accountKey(to), `${(balances.get(to)?.balance ?? STARTING_BALANCE) + amount}`),
    ],
    failure: [],
  };
}

function accountKey(account: number): string {
  return `account${account}`;
}
