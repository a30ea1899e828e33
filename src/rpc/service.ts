import { encode } from '../kernel/index.ts';
import { requestReply as protocol } from '../protocols/index.ts';
import type { IncomingCall } from './call.ts';

/** What a server does for one method. */
export interface MethodDefinition {
  readonly rules: protocol.MethodRules;
  /**
   * In a session, what one copy of a call gets, all get; but for `NotExecutedError`, which is said of one copy.
   * @throws RejectedError  to refuse, nothing changed; NotExecutedError  nor could it be executed for now; NoAnswerError
   * whether it was executed is unknown; anything else is a failure
   */
  readonly execute: (call: IncomingCall) => Promise<Uint8Array>;
}

/** By the method's full name: `package.Service/Method`. */
export type ServiceDefinition = Readonly<Record<string, MethodDefinition>>;

/** What a service needs beside its methods to be called exactly once: sessions, in which its handlers filter calls. */
export function sessionService(open: () => Promise<number>): ServiceDefinition {
  // To open one twice does no harm: the one that nobody uses expires.
  const rules = { idempotent: true, replyBytesMax: 1_024 };
  return { [protocol.OPEN_SESSION]: { rules, execute: async () => encode(await open()) } };
}
