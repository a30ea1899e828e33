import type { Address } from '../../kernel/index.ts';

/** What a server's clock showed when it sent a message, and when that came. */
interface Stamp {
  readonly stampMs: number;
  readonly receivedMs: number;
}

/** What a client knows of one of its servers. */
export interface KnownServer {
  readonly address: Address;
  /** The latest life that it told of; 0 before. */
  life: number;
  /** Of that life, the stamp that was the shortest time under way. */
  stamp: Stamp;
  /** When the first copy left after it was last heard of; null if none did. */
  silentFromMs: number | null;
  /** It was silent for as long as it is given to answer: it may be gone, or in another life by now. */
  isSuspected: boolean;
  /** The highest `acknowledged` that it was told; null before it was sent anything. */
  acknowledged: number | null;
}

/** A stamp is taken for a newer one after this, though it was longer under way. */
const STAMP_MS_MAX = 60_000;
/** While no other is trusted. */
const AVOIDED_TO_TRY = 64;
const NO_STAMP: Stamp = { stampMs: 0, receivedMs: 0 };

/** The servers of a client, which all serve the same. Calls go to the preferred one, and it stays so while it answers. */
export class KnownServers {
  byAddress: Map<Address, KnownServer> = new Map();
  preferred: Address;
  /** How often the preferred one was to be avoided, in turns. */
  avoided = 0;

  /** @param addresses  at least one */
  constructor(addresses: readonly Address[]) {
    const [first] = addresses;
    if (first === undefined) throw new RangeError('a client needs at least one server');
    this.preferred = first;
    for (const address of addresses) this.byAddress.set(address, unknown(address));
  }

  all(): Iterable<KnownServer> {
    return this.byAddress.values();
  }

  addresses(): Iterable<Address> {
    return this.byAddress.keys();
  }

  at(address: Address): KnownServer {
    const known = this.byAddress.get(address);
    if (known === undefined) throw new Error(`${address} is no server of this client`);
    return known;
  }

  has(address: Address): boolean {
    return this.byAddress.has(address);
  }

  /** The life for which a call is sent there; 0 to have it tell, before anything is executed. */
  lifeOf(address: Address): number {
    const { life, isSuspected } = this.at(address);
    return isSuspected ? 0 : life;
  }

  /**
   * The server tells it anew, in answer to a copy that was for none. One whose disk was lost counts from 1 again, and
   * would else seem to be of the past for ever.
   */
  forgetLife(address: Address): void {
    const known = this.at(address);
    known.life = 0;
    known.stamp = NO_STAMP;
  }

  /** From a message of the server. */
  learn(address: Address, told: { readonly server: number; readonly stampMs: number }, nowMs: number): void {
    const known = this.at(address);
    if (told.server < known.life) return;
    const stamp = { stampMs: told.stampMs, receivedMs: told.stampMs === 0 ? 0 : nowMs };
    if (told.server > known.life || isBetter(stamp, known.stamp)) known.stamp = stamp;
    known.life = told.server;
    known.silentFromMs = null;
    known.isSuspected = false;
  }

  /** A copy was not answered in its time, which began at that moment or before. */
  suspect(address: Address, fromMs: number): void {
    const known = this.at(address);
    if (known.silentFromMs === null || known.silentFromMs > fromMs) return;
    known.isSuspected = true;
    if (this.preferred === address) this.preferred = this.trusted() ?? this.others()[0] ?? address;
  }

  /**
   * Prefers another that is not suspected, if there is one: what a server does not take, one that is silent does neither.
   * But now and then one that was suspected is tried, which may be back.
   */
  avoid(address: Address): void {
    if (this.preferred !== address || this.byAddress.size === 1) return;
    this.avoided = (this.avoided + 1) % AVOIDED_TO_TRY;
    const tried = this.avoided === 0 ? this.others()[0] : undefined;
    this.preferred = this.trusted() ?? tried ?? address;
  }

  private trusted(): Address | undefined {
    return this.others().find((other) => !this.at(other).isSuspected);
  }

  /** In order, from the preferred one on. */
  private others(): Address[] {
    const addresses = [...this.byAddress.keys()];
    const at = addresses.indexOf(this.preferred);
    return [...addresses.slice(at + 1), ...addresses.slice(0, at)];
  }
}

function unknown(address: Address): KnownServer {
  return {
    address,
    life: 0,
    stamp: NO_STAMP,
    silentFromMs: null,
    isSuspected: false,
    acknowledged: null,
  };
}

/** Shorter under way than the one at hand, which clocks that drift apart make worse and worse. */
function isBetter(stamp: Stamp, held: Stamp): boolean {
  if (stamp.stampMs === 0) return false;
  return (
    stamp.stampMs - stamp.receivedMs > held.stampMs - held.receivedMs ||
    stamp.receivedMs - held.receivedMs > STAMP_MS_MAX
  );
}
