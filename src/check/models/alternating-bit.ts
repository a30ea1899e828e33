import { fingerprintOfData } from '../fingerprint.ts';
import type { Model } from '../model.ts';

interface Channels {
  readonly messages: readonly (readonly [bit: number, datum: number])[];
  readonly acknowledgements: readonly number[];
  readonly sentBit: number;
  readonly acknowledgedBit: number;
  readonly receivedBit: number;
  readonly sent: number;
  readonly received: number;
}

const DATA = [0, 1];
const IN_CHANNEL_MAX = 2;

interface Move {
  readonly name: string;
  readonly to: Channels;
}

/**
 * The alternating bit protocol over two channels that lose messages; the steps are those of the specification
 * `AlternatingBit` of Lamport, "Specifying Systems" (2002), chapter 14, in TLA+ Examples.
 */
export function alternatingBit(): Model<Channels, Move> {
  return {
    initial: () => [0, 1].flatMap(startsWith),
    actions: movesOf,
    next: (_state, { to }) => to,
    fingerprint: fingerprintOfData,
    tellAction: ({ name }) => name,
    prune: ({ messages, acknowledgements }) => Math.max(messages.length, acknowledgements.length) > IN_CHANNEL_MAX,
    properties: {
      invariants: {
        oneDatumABit: ({ messages, sentBit, sent }) =>
          messages.every(([bit, datum]) => bit !== sentBit || datum === sent)
            ? null
            : 'a message on its way has the bit of the datum sent last, and is another',
      },
    },
  };
}

function startsWith(bit: number): Channels[] {
  const quiet = { messages: [], acknowledgements: [], sentBit: bit, acknowledgedBit: bit, receivedBit: bit };
  return DATA.flatMap((sent) => DATA.map((received) => ({ ...quiet, sent, received })));
}

function movesOf(state: Channels): Move[] {
  const { messages, acknowledgements, sentBit, acknowledgedBit, receivedBit, sent } = state;
  const moves: Move[] = [];
  const go = (name: string, change: Partial<Channels>) => moves.push({ name, to: { ...state, ...change } });
  const bit = 1 - sentBit;
  if (acknowledgedBit === sentBit) {
    for (const datum of DATA) {
      go(`send ${datum}`, { sent: datum, sentBit: bit, messages: [...messages, [bit, datum]] });
    }
  } else go('send again', { messages: [...messages, [sentBit, sent]] });
  const [message, ...laterMessages] = messages;
  if (message !== undefined) {
    go('receive', { messages: laterMessages, receivedBit: message[0], received: message[1] });
  }
  go('acknowledge', { acknowledgements: [...acknowledgements, receivedBit] });
  const [acknowledgement, ...laterAcknowledgements] = acknowledgements;
  if (acknowledgement !== undefined) {
    go('hear', { acknowledgements: laterAcknowledgements, acknowledgedBit: acknowledgement });
  }
  for (const index of messages.keys()) go(`lose message ${index}`, { messages: messages.toSpliced(index, 1) });
  for (const index of acknowledgements.keys()) {
    go(`lose acknowledgement ${index}`, { acknowledgements: acknowledgements.toSpliced(index, 1) });
  }
  return moves;
}
