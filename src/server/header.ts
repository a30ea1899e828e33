import type { Member, MemberStatus } from '../member/api.ts';
import type { ResponseHeader } from '../wire/etcdserverpb.ts';

/** The header of a response: who answers, and where the store stood. */
export function header({ clusterId, memberId, round }: MemberStatus, revision: number): ResponseHeader {
  return { clusterId, memberId, revision, raftTerm: round };
}

/** How far behind the term in a header may be: nobody orders anything by it, and a member's whole status costs more. */
const STATUS_AGE_MS_MAX = 100;

/** Makes headers without asking the member for its status each time: that was a fifth of a leader's work. */
export class Headers {
  readonly #member: Member;
  #status: MemberStatus;
  #asked: number;

  constructor(member: Member) {
    this.#member = member;
    this.#status = member.status();
    this.#asked = performance.now();
  }

  of({ revision }: { readonly revision: number }): ResponseHeader {
    const now = performance.now();
    if (now - this.#asked > STATUS_AGE_MS_MAX) {
      this.#status = this.#member.status();
      this.#asked = now;
    }
    return header(this.#status, revision);
  }
}
