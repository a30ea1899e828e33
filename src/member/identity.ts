import { hash } from '../kernel/index.ts';

/** A stable id of 63 bits that is not 0, as etcd's clients want for clusters and members. */
export function idOf(...names: readonly string[]): bigint {
  const { high, low } = hash(names);
  const id = ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) & 0x7fff_ffff_ffff_ffffn;
  return id === 0n ? 1n : id;
}
