import type { requestReply as protocol } from '../protocols/index.ts';
import type { IncomingCall } from './call.ts';

/** What a server does for one method. */
export interface MethodDefinition {
  readonly rules: protocol.MethodRules;
  /**
   * @throws RejectedError  to refuse, nothing changed; NoAnswerError  to leave the call open; anything else is a failure
   */
  readonly execute: (call: IncomingCall) => Promise<Uint8Array>;
}

/** By the method's full name: `package.Service/Method`. */
export type ServiceDefinition = Readonly<Record<string, MethodDefinition>>;
