import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { nodesOf, seen } from './nodes.ts';

type PairMessage =
  | { readonly type: 'write' }
  | { readonly type: 'copy' }
  | { readonly type: 'copied' }
  | { readonly type: 'refused' };

/** Each write goes to the backup, and counts only when that has it; a backup that has taken over refuses. */
class Primary extends Process<PairMessage> {
  leads = true;
  acknowledged = 0;
  readonly asksFirst: boolean;

  constructor(asksFirst: boolean) {
    super();
    this.asksFirst = asksFirst;
  }

  override onMessage(_from: Address, message: PairMessage): void {
    if (!this.leads) return;
    if (message.type === 'write') this.send(address('backup'), { type: 'copy' });
    if (message.type === 'refused') this.leads = false;
    if (message.type === (this.asksFirst ? 'copied' : 'write')) this.acknowledged += 1;
  }
}

/** Takes over when it has heard nothing for long: the primary may be gone, or only late. */
class Backup extends Process<PairMessage, 'silence'> {
  leads = false;
  writes = 0;

  override onStart(): void {
    this.setTimer('silence', 1_000);
  }

  override onMessage(from: Address, message: PairMessage): void {
    if (message.type !== 'copy') return;
    if (this.leads) {
      this.send(from, { type: 'refused' });
      return;
    }
    this.writes += 1;
    this.send(from, { type: 'copied' });
  }

  override onTimer(): void {
    this.leads = true;
  }
}

/** Broken: what is silent is taken for dead, so that both lead, and what the old one acknowledges the new one does not have. */
export function failureDetector(isBroken: boolean): ProcessModelOptions<null> {
  const [first, second] = [address('primary'), address('backup')];
  return {
    nodes: nodesOf({ primary: () => new Primary(!isBroken), backup: () => new Backup() }),
    inputs: [{ to: first, message: { type: 'write' } }],
    invariants: {
      nothingLost: (world) => {
        const backup = seen(world, second, Backup);
        const acknowledged = seen(world, first, Primary)?.acknowledged ?? 0;
        if (backup === null || !backup.leads || acknowledged <= backup.writes) return null;
        return `${acknowledged} write is acknowledged, and the one that leads now has ${backup.writes}`;
      },
    },
    goals: { acknowledged: (world) => seen(world, first, Primary)?.acknowledged === 1 },
  };
}
