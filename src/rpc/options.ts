import { requestReply as protocol } from '../protocols/index.ts';

export type OptionErrorCode =
  /** A client and a server cannot keep it, or would remember calls for ever. */
  | 'badAgreement'
  /** Messages that they allow would never arrive. */
  | 'badLimits'
  /** A method's calls would be refused as overload for ever. */
  | 'cacheTooSmall'
  /** No number, or not one of those that the option may be. */
  | 'outOfRange';

/** What a client or a server cannot be opened with: which option, what it may be, and what it is. */
export class OptionError extends RangeError {
  override readonly name = 'OptionError';
  readonly code: OptionErrorCode;

  constructor(code: OptionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** @throws OptionError */
export function agreementOf(given: Partial<protocol.Agreement> = {}): protocol.Agreement {
  const agreement = { ...protocol.DEFAULT_AGREEMENT, ...given };
  const objection = protocol.objectionToAgreement(agreement);
  if (objection !== null) throw new OptionError('badAgreement', objection);
  return agreement;
}

const ACKNOWLEDGE_AFTER_MS = 20;
const ACKNOWLEDGE_AFTER_MS_MAX = 60_000;

/** @throws OptionError */
export function acknowledgementOf(afterMs: number | null = ACKNOWLEDGE_AFTER_MS): number | null {
  if (afterMs === null || (isAtLeast(afterMs, 0) && afterMs <= ACKNOWLEDGE_AFTER_MS_MAX)) return afterMs;
  const allowed = `a number of ms from 0 to ${ACKNOWLEDGE_AFTER_MS_MAX}, or null for never`;
  throw new OptionError('outOfRange', `acknowledgeAfterMs is ${allowed}: got ${afterMs}`);
}

/** Of what a server keeps and does at once. */
export interface ServerBounds {
  readonly cacheBytesMax: number;
  readonly executingMax: number;
  readonly executingBytesMax: number;
}

const BOUNDS: ServerBounds = {
  cacheBytesMax: 64 * 1024 * 1024,
  executingMax: 10_000,
  executingBytesMax: 64 * 1024 * 1024,
};

/** @throws OptionError */
export function boundsOf(
  given: Partial<ServerBounds>,
  methods: Readonly<Record<string, protocol.MethodRules>>,
): ServerBounds {
  const {
    cacheBytesMax = BOUNDS.cacheBytesMax,
    executingMax = BOUNDS.executingMax,
    executingBytesMax = BOUNDS.executingBytesMax,
  } = given;
  for (const [name, value, min] of [
    ['cacheBytesMax', cacheBytesMax, 0],
    ['executingMax', executingMax, 1],
    ['executingBytesMax', executingBytesMax, 1],
  ] as const) {
    if (!isAtLeast(value, min)) throw new OptionError('outOfRange', `${name} is a number from ${min}: got ${value}`);
  }
  for (const [method, rules] of Object.entries(methods)) checkRoomFor(method, rules, cacheBytesMax);
  return { cacheBytesMax, executingMax, executingBytesMax };
}

/** A method that is filtered has to find room for one call in an empty cache; what does not fit, never fits. */
function checkRoomFor(method: string, rules: protocol.MethodRules, cacheBytesMax: number): void {
  const { idempotent, replyBytesMax } = rules;
  if (!isAtLeast(replyBytesMax, 0)) {
    throw new OptionError('outOfRange', `replyBytesMax of ${method} is a number from 0: got ${replyBytesMax}`);
  }
  const bytes = protocol.CLIENT_BYTES + protocol.ENTRY_BYTES + replyBytesMax;
  if (idempotent || bytes <= cacheBytesMax) return;
  const remedy = "give a larger one, or the method's replies fewer bytes";
  const needs = `a call of ${method} takes ${bytes} bytes of the reply cache, ${replyBytesMax} of them for its reply`;
  throw new OptionError('cacheTooSmall', `${needs}: got cacheBytesMax ${cacheBytesMax}; ${remedy}`);
}

/** A message that may arrive has to find room for its body when nothing else is executed. */
export function checkBodiesFit(
  { executingBytesMax }: ServerBounds,
  channels: readonly { readonly kind: string; readonly messageBytesMax: number }[],
): void {
  for (const { kind, messageBytesMax } of channels) {
    if (messageBytesMax <= executingBytesMax) continue;
    const needs = `executingBytesMax is at least a message over ${kind}, ${messageBytesMax} bytes`;
    throw new OptionError(
      'outOfRange',
      `${needs}: got ${executingBytesMax}; give more, or limits.messageBytesMax less`,
    );
  }
}

function isAtLeast(value: unknown, min: number): value is number {
  return typeof value === 'number' && value >= min;
}
