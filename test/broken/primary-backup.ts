import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { nodesOf, seen } from './nodes.ts';

type StoreMessage =
  | { readonly type: 'write'; readonly value: number }
  | { readonly type: 'copy'; readonly value: number }
  | { readonly type: 'copied' };

/** Keeps a value in memory and at its backup; says `written` when both have it. */
class Primary extends Process<StoreMessage, never, never, 'written'> {
  value = 0;
  readonly backup: Address;
  readonly isHasty: boolean;

  constructor(backup: Address, isHasty: boolean) {
    super();
    this.backup = backup;
    this.isHasty = isHasty;
  }

  override onMessage(_from: Address, message: StoreMessage): void {
    if (message.type === 'write') {
      this.value = message.value;
      this.send(this.backup, { type: 'copy', value: message.value });
    }
    if (message.type === (this.isHasty ? 'write' : 'copied')) this.output('written');
  }
}

class Backup extends Process<StoreMessage> {
  value = 0;

  override onMessage(from: Address, message: StoreMessage): void {
    if (message.type !== 'copy') return;
    this.value = message.value;
    this.send(from, { type: 'copied' });
  }
}

/** Broken: the primary answers before its backup has the value; then it crashes. */
export function primaryBackup(isBroken: boolean): ProcessModelOptions<boolean> {
  const backup = address('backup');
  const write: StoreMessage = { type: 'write', value: 1 };
  return {
    nodes: nodesOf({ primary: () => new Primary(backup, isBroken), backup: () => new Backup() }),
    inputs: [{ to: address('primary'), message: write }],
    budgets: { crashes: 1 },
    crashing: ['primary'],
    history: { start: false, next: (written, { type }) => written || type === 'output' },
    invariants: {
      survives: (world) => {
        if (!world.history || world.process(address('primary')) !== undefined) return null;
        return seen(world, backup, Backup)?.value === 1 ? null : 'the primary is gone, and the write with it';
      },
    },
    goals: { written: ({ history }) => history },
  };
}
