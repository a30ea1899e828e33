/** Why a front door cannot listen: another program has the port, the host is not this machine's, or it is not allowed. */
export type ListenErrorCode = 'portInUse' | 'addressUnavailable' | 'portForbidden' | 'cannotListen';

export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: ListenErrorCode;

  constructor(code: ListenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a failure to listen means to an operator. */
export function listenError(cause: unknown, address: string): ListenError {
  const failed = `cannot listen on ${address}`;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message.includes('EADDRINUSE')) {
    const remedy = 'stop the program that has the port, or choose another one';
    return new ListenError('portInUse', `${failed}: the port is in use; ${remedy}`, { cause });
  }
  if (/EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN/.test(message)) {
    const remedy = 'give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them';
    return new ListenError('addressUnavailable', `${failed}: this machine has no such address; ${remedy}`, { cause });
  }
  if (message.includes('EACCES')) {
    const remedy = 'choose a port above 1023, or run as a user that may';
    return new ListenError('portForbidden', `${failed}: this user may not use the port; ${remedy}`, { cause });
  }
  return new ListenError('cannotListen', `${failed}: ${message}`, { cause });
}
