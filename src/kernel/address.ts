declare const addressBrand: unique symbol;

/** A failure unit: a machine, or an operating-system process on one. All processes of a node crash together. */
export type NodeId = string;

/** Where a process lives: `node`, or `node/process` on a node that runs several. */
export type Address = string & { readonly [addressBrand]: true };

/** The address of a node's one process, or of one of its named processes. */
export function address(node: NodeId, process = ''): Address {
  if (node === '' || node.includes('/')) throw new Error(`a node's name is not empty and has no '/': got '${node}'`);
  return (process === '' ? node : `${node}/${process}`) as Address;
}

export function nodeOf(at: Address): NodeId {
  const slash = at.indexOf('/');
  return slash === -1 ? at : at.slice(0, slash);
}

/** The process's name within its node; empty for a node's one process. */
export function processOf(at: Address): string {
  const slash = at.indexOf('/');
  return slash === -1 ? '' : at.slice(slash + 1);
}
