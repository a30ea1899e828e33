import type { General, SeenExecution } from './views.ts';

/** An execution, and the general who cannot tell it from the one before. */
export interface Link {
  readonly execution: SeenExecution;
  /** Null for the first. */
  readonly same: General | null;
}

/**
 * A shortest chain of executions, from the one with an order in which everything arrives to one without an order, each of
 * which some general cannot tell from the one before; null if there is none. (Gray, 1978: why no protocol will do.)
 */
export function chainOf(executions: readonly SeenExecution[]): Link[] | null {
  const first = executions.find(({ ordered, arrived }) => ordered && arrived.every((each) => each));
  if (first === undefined) return null;
  const before = new Map<SeenExecution, { readonly from: SeenExecution | null; readonly same: General | null }>();
  before.set(first, { from: null, same: null });
  for (const execution of before.keys()) {
    if (!execution.ordered) return traced(execution, before);
    const lastStep = executions.filter(({ ordered, arrived }) => !ordered && `${arrived}` === `${execution.arrived}`);
    for (const next of [...lastStep, ...executions]) {
      const same = next.views.A === execution.views.A ? 'A' : next.views.B === execution.views.B ? 'B' : null;
      if (same !== null && !before.has(next)) before.set(next, { from: execution, same });
    }
  }
  return null;
}

function traced(
  last: SeenExecution,
  before: ReadonlyMap<SeenExecution, { readonly from: SeenExecution | null; readonly same: General | null }>,
): Link[] {
  const links: Link[] = [];
  for (let at: SeenExecution | null = last; at !== null; ) {
    const step = before.get(at);
    links.unshift({ execution: at, same: step?.same ?? null });
    at = step?.from ?? null;
  }
  return links;
}
