import type { Command } from '../command.ts';
import { ask } from './ask.ts';
import { call } from './call.ts';
import { check } from './check.ts';
import { compact } from './compact.ts';
import { del } from './del.ts';
import { get } from './get.ts';
import { memberList } from './member-list.ts';
import { put } from './put.ts';
import { replay } from './replay.ts';
import { serve } from './serve.ts';
import { sim } from './sim.ts';
import { status } from './status.ts';
import { txn } from './txn.ts';
import { up } from './up.ts';
import { verify } from './verify.ts';

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [
  serve,
  up,
  put,
  get,
  del,
  txn,
  compact,
  status,
  memberList,
  ...call,
  check,
  sim,
  replay,
  verify,
  ask,
];
