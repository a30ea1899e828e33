/**
 * The repaired lock service with clients that come back for the lock again and again: for the simulator, which follows one
 * long run at a time, where the checker follows all short ones.
 *
 *     coterie sim examples/lock/busy.ts
 */
import type { NodeDefinition, Spec } from '../../src/kernel/index.ts';
import { lockService } from './lock.ts';
import { lockSpec } from './spec.ts';

export const nodes: Readonly<Record<string, NodeDefinition>> = lockService(20);

export const spec: Spec = lockSpec;
