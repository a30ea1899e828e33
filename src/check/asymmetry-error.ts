/** A model is declared symmetric and is not: whatever a search of it found would mean nothing. */
export class AsymmetryError extends Error {
  override readonly name = 'AsymmetryError';
  readonly code = 'asymmetric';
}
