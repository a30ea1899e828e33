import { MemoryStorage } from '../kernel/memory-storage.ts';
import type { CallOptions, Member, MemberStatus } from '../member/api.ts';
import type { SessionPosition } from '../member/session-relay.ts';
import type { StoreRequest, StoreResponse } from '../store/api.ts';
import { encodeRequest } from '../store/codec.ts';
import { StoreMachine } from '../store/machine.ts';

/**
 * A member alone in memory, for tests of front doors: a real store, and no protocol. A test may say how it stands in
 * its cluster, and what it does in place of executing a request.
 */
export class FakeMember implements Member {
  readonly name = 'fake';
  readonly calls: { readonly request: StoreRequest; readonly options: CallOptions }[] = [];
  /** What `status` reports besides what the store says. */
  standing: Partial<MemberStatus> = {};
  /** Takes the place of executing the next requests, while it is not null. */
  instead: ((request: StoreRequest, options: CallOptions) => Promise<StoreResponse>) | null = null;

  readonly #machine = new StoreMachine(new MemoryStorage());
  readonly #replies = new Map<number, StoreResponse>();
  #slot = 0;

  async call(request: StoreRequest, options: CallOptions = {}): Promise<StoreResponse> {
    this.calls.push({ request, options });
    if (this.instead !== null) return this.instead(request, options);
    this.#slot += 1;
    return this.#machine.apply(encodeRequest(request), { slot: this.#slot, timeMs: 0 });
  }

  /** Its one session never expires. */
  async openSession(): Promise<number> {
    return 1;
  }

  async callInSession({ sequence }: SessionPosition, request: StoreRequest): Promise<StoreResponse> {
    const known = this.#replies.get(sequence);
    if (known !== undefined) return known;
    const reply = await this.call(request);
    this.#replies.set(sequence, reply);
    return reply;
  }

  status(): MemberStatus {
    const { revision, bytes } = this.#machine.stats();
    return {
      clusterId: 0xc0_7e_21_eb_ad_c0_ff_een,
      memberId: 0xfeed_face_cafe_beefn,
      name: this.name,
      members: [
        {
          id: 0xfeed_face_cafe_beefn,
          name: this.name,
          peerAddress: '127.0.0.1:2380',
          clientAddress: '127.0.0.1:2379',
          learner: false,
        },
      ],
      leader: this.name,
      leaderId: 0xfeed_face_cafe_beefn,
      round: 7,
      chosenSlot: this.#slot,
      appliedSlot: this.#slot,
      revision,
      storageBytes: bytes,
      storageBytesInUse: bytes,
      ...this.standing,
    };
  }

  async close(): Promise<void> {}
}
