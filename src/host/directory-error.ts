export type DirectoryErrorCode = 'directoryUnusable' | 'directoryForeign' | 'directoryFormat';

export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly code: DirectoryErrorCode;

  constructor(code: DirectoryErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
