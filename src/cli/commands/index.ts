import type { Command } from '../command.ts';
import { compact } from './compact.ts';
import { del } from './del.ts';
import { get } from './get.ts';
import { memberList } from './member-list.ts';
import { put } from './put.ts';
import { status } from './status.ts';
import { txn } from './txn.ts';

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [put, get, del, txn, compact, status, memberList];
