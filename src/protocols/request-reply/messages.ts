import type { AfterCrash } from './agreement.ts';

/**
 * Which call a message is about, in all the world and for all time: no two clients have one name, and a client that
 * starts again under its name does so in a later life.
 */
export interface CallId {
  readonly client: string;
  readonly life: number;
  /** Counts the calls of one life, from 1. */
  readonly sequence: number;
}

/** What callers and services tell each other beside a call's body: who asks, for which trace, and the like. */
export type Metadata = Readonly<Record<string, string>>;

/** How often a call may be executed, as its caller asked for it. */
export type Semantics =
  /** Sent once. Executed once or not at all, if the network does not duplicate. */
  | 'maybe'
  /** Sent until it is answered: executed once or many times. */
  | 'atLeastOnce'
  /** Sent a number of times and filtered by the server: executed once or not at all, whatever the network does. */
  | 'atMostOnce'
  /**
   * Sent until it is answered, and filtered by the service itself: in a session that is part of what the service keeps
   * durably, so that no crash of a server makes it be executed again. Needs a service with sessions.
   */
  | 'exactlyOnce';

/** Whether a call has no last copy: its caller waits for an answer, however long that takes. */
export function isSentUntilAnswered(semantics: Semantics): boolean {
  return semantics === 'atLeastOnce' || semantics === 'exactlyOnce';
}

/** Whether a server or a service executes only the first copy of a call, and is to be told when the call is over. */
export function isFiltered(semantics: Semantics): boolean {
  return semantics === 'atMostOnce' || semantics === 'exactlyOnce';
}

/** The method by which a client opens a session; it answers the session's number as decimal text. */
export const OPEN_SESSION = 'openSession';

/** What a service made of a call. */
export type Result =
  | { readonly type: 'done'; readonly body: Uint8Array }
  /** The service refused it, and changed nothing. */
  | { readonly type: 'rejected'; readonly message: string }
  /** The service failed at it, and may have done a part. */
  | { readonly type: 'failed'; readonly message: string }
  /** The service could not execute it for now, and has not. */
  | { readonly type: 'unavailable'; readonly message: string }
  /** The execution was begun, and nobody knows how far it came: the server crashed, or the service cannot tell. */
  | { readonly type: 'interrupted'; readonly message: string }
  /** The service does not know the session any more that would tell whether it executed the call. */
  | { readonly type: 'sessionExpired' };

/** Why a server did not execute a copy of a call, and never will. */
export type RefusalReason =
  /** Its cache, or its list of calls under way, is full. */
  | 'overloaded'
  /** Meant for an earlier life of the server. */
  | 'staleServer'
  /** Of this copy only: an earlier one is executed now, and its answer is for this one as well. */
  | 'underWay'
  /** Of this copy only: nobody can tell that it was not under way longer than the agreement allows. */
  | 'late'
  /** The client goes by another rule for crashes: what each makes of a call without an answer would not be true. */
  | 'otherRule'
  /** The client sends copies for longer than the server remembers calls. */
  | 'longerSpan'
  | 'noSuchMethod';

/** One copy of a call: client to server. */
export type Request = {
  readonly type: 'request';
  readonly id: CallId;
  /** The life of the server that it is for; 0 while the client does not know it. */
  readonly server: number;
  /** Whether the server is to execute it at most once. */
  readonly filtered: boolean;
  /** In which the service filters it, by its sequence number; 0 for none. */
  readonly session: number;
  /** Every call up to this sequence number is over: the client wants no answer to them any more. */
  readonly acknowledged: number;
  readonly method: string;
  readonly body: Uint8Array;
  readonly metadata: Metadata;
  /** How long the client goes on waiting, from when it sent this. */
  readonly patienceMs: number;
  /** By which rule for crashes the client goes. */
  readonly afterCrash: AfterCrash;
  /** How long after the first copy it may send the last, if the server is to filter them; 0 if not. */
  readonly spanMs: number;
  /** The latest stamp that the client got of this life of the server; 0 for none. */
  readonly stampMs: number;
  /** By the client's clock: how long before it sent this. */
  readonly sinceStampMs: number;
};

/** Server to client. */
export type Reply = {
  readonly type: 'reply';
  readonly id: CallId;
  readonly server: number;
  readonly result: Result;
  /** Whether this is what becomes of every copy of the call. Otherwise it is of one, and another may be executed. */
  readonly final: boolean;
  /** The server's clock when it sent this: see `isTimely`; 0 for none. */
  readonly stampMs: number;
};

/** Server to client. */
export type Refused = {
  readonly type: 'refused';
  readonly id: CallId;
  readonly server: number;
  readonly reason: RefusalReason;
  /** As of a reply. */
  readonly final: boolean;
  /** After this there is room again. */
  readonly retryAfterMs: number;
  readonly stampMs: number;
};

/** Client to server, where no request comes soon that would say it: see `Request.acknowledged`. */
export type Acknowledge = {
  readonly type: 'acknowledge';
  readonly client: string;
  readonly life: number;
  readonly acknowledged: number;
};

/** Client to server: nobody waits for this call any more. */
export type Abandon = { readonly type: 'abandon'; readonly id: CallId };

/** Client to server, at a start: what an earlier life of this client asked for has no owner any more. */
export type Exterminate = { readonly type: 'exterminate'; readonly client: string; readonly life: number };

/** What crosses the network. */
export type RequestReplyMessage = Request | Reply | Refused | Acknowledge | Abandon | Exterminate;
