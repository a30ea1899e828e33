export type HistoryErrorCode =
  /** A line, or a form, that is not of the format. */
  | 'malformed'
  /** Operations that this check has no meaning for. */
  | 'unsupported'
  /** What one client did overlaps, so that it has no order. */
  | 'overlapping'
  /** Two writes that nobody could tell apart. */
  | 'ambiguous';

/** A history that cannot be checked as asked, whatever it may show. */
export class HistoryError extends Error {
  readonly code: HistoryErrorCode;

  constructor(code: HistoryErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
