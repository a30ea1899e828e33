import type { requestReply as protocol } from '../protocols/index.ts';
import { ByteReader, ByteWriter, MalformedError } from './byte-stream.ts';

type Message = protocol.RequestReplyMessage;

/** The first byte of a message. docs/request-reply.md has the layout of each. */
const TYPE = { request: 1, reply: 2, refused: 3, acknowledge: 4, abandon: 5, exterminate: 6 } as const;
const RESULTS = ['done', 'rejected', 'failed', 'interrupted', 'sessionExpired', 'unavailable'] as const;
const REASONS = ['overloaded', 'staleServer', 'noSuchMethod', 'late', 'otherRule', 'longerSpan', 'underWay'] as const;
const RULES = ['nothing', 'persisted', 'silence', 'incarnations'] as const;
/** Flags of a request, and of a reply or a refusal. */
const FILTERED = 1;
const RULE_SHIFT = 1;
const FINAL = 1;
/** Beside the body, about. */
const HEAD_BYTES = 256;
/** Of a client's name, which a server keeps with each call that it remembers. */
export const NAME_BYTES_MAX = 256;

export function encodeMessage(message: Message): Buffer {
  const writer = new ByteWriter(HEAD_BYTES + ('body' in message ? message.body.length : 0));
  writer.byte(TYPE[message.type]);
  switch (message.type) {
    case 'request':
      writeRequest(writer, message);
      break;
    case 'reply':
      writeId(writer, message.id);
      writer.whole(message.server);
      writer.whole(Math.floor(message.stampMs));
      writer.byte(message.final ? FINAL : 0);
      writeResult(writer, message.result);
      break;
    case 'refused':
      writeId(writer, message.id);
      writer.whole(message.server);
      writer.whole(Math.floor(message.stampMs));
      writer.byte(message.final ? FINAL : 0);
      writer.byte(REASONS.indexOf(message.reason));
      writer.whole(Math.ceil(message.retryAfterMs));
      break;
    case 'acknowledge':
      writer.text(message.client);
      writer.whole(message.life);
      writer.whole(message.acknowledged);
      break;
    case 'abandon':
      writeId(writer, message.id);
      break;
    case 'exterminate':
      writer.text(message.client);
      writer.whole(message.life);
      break;
    default:
      message satisfies never;
  }
  return writer.done();
}

function writeId(writer: ByteWriter, { client, life, sequence }: protocol.CallId): void {
  writer.text(client);
  writer.whole(life);
  writer.whole(sequence);
}

function writeRequest(writer: ByteWriter, request: protocol.Request): void {
  writeId(writer, request.id);
  writer.whole(request.server);
  writer.byte((request.filtered ? FILTERED : 0) | (RULES.indexOf(request.afterCrash) << RULE_SHIFT));
  writer.whole(request.spanMs);
  writer.whole(request.session);
  writer.whole(request.acknowledged);
  const { patienceMs } = request;
  writer.whole(Number.isFinite(patienceMs) ? Math.max(0, Math.ceil(patienceMs)) + 1 : 0);
  // Rounded so that a datagram seems to have been longer under way, never shorter.
  writer.whole(Math.floor(request.stampMs));
  writer.whole(Math.floor(Math.max(0, request.sinceStampMs)));
  writer.text(request.method);
  const metadata = Object.entries(request.metadata);
  writer.whole(metadata.length);
  for (const [name, value] of metadata) {
    writer.text(name);
    writer.text(value);
  }
  writer.bytes(request.body);
}

function writeResult(writer: ByteWriter, result: protocol.Result): void {
  writer.byte(RESULTS.indexOf(result.type));
  switch (result.type) {
    case 'done':
      return writer.bytes(result.body);
    case 'rejected':
    case 'failed':
    case 'unavailable':
    case 'interrupted':
      return writer.text(result.message);
    case 'sessionExpired':
      return;
    default:
      return result satisfies never;
  }
}

/** @throws MalformedError */
export function decodeMessage(bytes: Buffer): Message {
  const reader = new ByteReader(bytes);
  const message = readMessage(reader);
  reader.end();
  return message;
}

function readMessage(reader: ByteReader): Message {
  const type = reader.byte();
  switch (type) {
    case TYPE.request:
      return readRequest(reader);
    case TYPE.reply:
      return {
        type: 'reply',
        id: readId(reader),
        server: reader.whole(),
        stampMs: reader.whole(),
        final: (reader.byte() & FINAL) !== 0,
        result: readResult(reader),
      };
    case TYPE.refused:
      return {
        type: 'refused',
        id: readId(reader),
        server: reader.whole(),
        stampMs: reader.whole(),
        final: (reader.byte() & FINAL) !== 0,
        reason: oneOf(REASONS, reader.byte()),
        retryAfterMs: reader.whole(),
      };
    case TYPE.acknowledge:
      return { type: 'acknowledge', client: readName(reader), life: reader.whole(), acknowledged: reader.whole() };
    case TYPE.abandon:
      return { type: 'abandon', id: readId(reader) };
    case TYPE.exterminate:
      return { type: 'exterminate', client: readName(reader), life: reader.whole() };
    default:
      throw new MalformedError(`no message is of type ${type}`);
  }
}

function readId(reader: ByteReader): protocol.CallId {
  return { client: readName(reader), life: reader.whole(), sequence: reader.whole() };
}

function readName(reader: ByteReader): string {
  const name = reader.text();
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw new MalformedError('the name of a client is too long');
  return name;
}

function readRequest(reader: ByteReader): protocol.Request {
  const id = readId(reader);
  const server = reader.whole();
  const flags = reader.byte();
  const filtered = (flags & FILTERED) !== 0;
  const afterCrash = oneOf(RULES, flags >> RULE_SHIFT);
  const spanMs = reader.whole();
  const session = reader.whole();
  const acknowledged = reader.whole();
  const patience = reader.whole();
  const patienceMs = patience === 0 ? Number.POSITIVE_INFINITY : patience - 1;
  const [stampMs, sinceStampMs] = [reader.whole(), reader.whole()];
  const method = reader.text();
  const metadata: Record<string, string> = {};
  for (let left = reader.whole(); left > 0; left -= 1) {
    const name = reader.text();
    if (name === '__proto__') throw new MalformedError('no metadata has that name');
    metadata[name] = reader.text();
  }
  const body = reader.bytes();
  const call = { method, body, metadata, patienceMs, afterCrash, spanMs, stampMs, sinceStampMs };
  return { type: 'request', id, server, filtered, session, acknowledged, ...call };
}

function readResult(reader: ByteReader): protocol.Result {
  const type = oneOf(RESULTS, reader.byte());
  switch (type) {
    case 'done':
      return { type, body: reader.bytes() };
    case 'rejected':
    case 'failed':
    case 'unavailable':
    case 'interrupted':
      return { type, message: reader.text() };
    case 'sessionExpired':
      return { type };
    default:
      return type satisfies never;
  }
}

function oneOf<const Choice extends string>(choices: readonly Choice[], index: number): Choice {
  const choice = choices[index];
  if (choice === undefined) throw new MalformedError(`there is no choice ${index} of ${choices.join(', ')}`);
  return choice;
}
