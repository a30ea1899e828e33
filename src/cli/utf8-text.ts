import { CommandFailure } from './command.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Text that a command reads; `what` names it in the error that other bytes get, instead of being changed silently. */
export function utf8Text(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new CommandFailure(`${what} is not UTF-8: keys and values of other bytes go in by 'put --hex'`, {
      cause: error,
    });
  }
}
