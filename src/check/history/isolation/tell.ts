import { print } from '../../../kernel/index.ts';
import type { Anomaly } from './anomaly.ts';
import type { NamedCycle } from './cycles.ts';
import type { Dependency } from './dependency.ts';
import { nameOf, type Transaction } from './transaction.ts';

/** A cycle in words: why each transaction comes before the next, and that the first then comes before itself. */
export function tellDependencies({ name, cycle }: NamedCycle, transactions: readonly Transaction[]): Anomaly {
  const around = cycle.map(({ from }) => from);
  const first = nameOf(around[0] ?? 0);
  const story = cycle.map((dependency) => tell(dependency, transactions));
  story.push(`so ${[...around.map(nameOf), first].join(' comes before ')}: a circle`);
  return { name, transactions: [...new Set(around)], story };
}

function tell(dependency: Dependency, transactions: readonly Transaction[]): string {
  const [from, to] = [nameOf(dependency.from), nameOf(dependency.to)];
  const isList = transactions.some(({ operations }) => operations.some(({ type }) => type === 'append'));
  const wrote = (key: string, value: unknown): string =>
    isList ? `appended ${print(value)} to ${key}` : `wrote ${key} = ${print(value)}`;
  const { type } = dependency;
  switch (type) {
    case 'ww':
      return `${from} ${wrote(dependency.key, dependency.version)}, and ${to} ${wrote(dependency.key, dependency.next)} later`;
    case 'wr':
      return `${from} ${wrote(dependency.key, dependency.version)}, which ${to} read`;
    case 'rw': {
      const { key, version, next } = dependency;
      const saw =
        version === null ? `found nothing in ${key}` : `read ${isList ? `${key} up to` : `${key} =`} ${print(version)}`;
      return `${from} ${saw}, so it came before ${to} ${isList ? 'appended' : 'wrote'} ${print(next)}`;
    }
    case 'process':
      return `client ${transactions[dependency.from]?.client} executed ${from} before ${to}`;
    case 'realTime':
      return `${from} had ended at ${transactions[dependency.from]?.completeAt} when ${to} began at ${transactions[dependency.to]?.invokeAt}`;
    default:
      return type satisfies never;
  }
}
