import { RejectedError } from './errors.ts';
import { ADDRESS_CHARACTERS_MAX, objectionToAddress, objectionToName } from './service-address.ts';

/** Of a lookup's reply. */
export const LOOKUP_BYTES_MAX: number = 16 * 1024;
/** Of an address in a reply, beside its characters: a tag and a length of two bytes. */
const ADDRESS_HEAD_BYTES = 3;
/** Of a service: as many of the longest as a lookup's reply holds. */
const REGISTRATIONS_MAX_OF_SERVICE = Math.floor(LOOKUP_BYTES_MAX / (ADDRESS_CHARACTERS_MAX + ADDRESS_HEAD_BYTES));
/** Of all services. */
const REGISTRATIONS_MAX = 10_000;
/** A shorter one is over before its renewal is here. */
const LIFETIME_MS_MIN = 100;
/** No client's registration lasts longer without being renewed. */
const LIFETIME_MS_MAX = 60_000;
/** Of the table's own program; no client can say so. */
const OWN = '';

/** Who has registered what. */
export interface Registered {
  /** A service's full name, as in its `.proto`. */
  readonly service: string;
  /** `host:port`. */
  readonly address: string;
  /** A secret of who registered it. */
  readonly registrant: string;
}

interface Entry {
  readonly address: string;
  readonly untilMs: number;
}

/**
 * The table of a naming service: which service is where. A registration is soft state: it lasts as long as its server
 * renews it, so the table is kept nowhere, and one that was lost is full again after a renewal.
 *
 * Every registrant has registrations of its own, and nobody changes another's: an address is there until the last
 * registration of it goes.
 */
export class NameTable {
  /** By service, then by registrant and address, in the order of their first registration. */
  readonly #services = new Map<string, Map<string, Entry>>();
  #registrations = 0;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * For good, by the table's own program: no client can change it.
   * @throws RejectedError  if it is no service's name or no address, or the table is full
   */
  keep(service: string, address: string): void {
    check(objectionToName(service) ?? objectionToAddress(address));
    this.#set({ service, address, registrant: OWN }, Number.POSITIVE_INFINITY);
  }

  /** @throws RejectedError  if it is none, or the table is full */
  register(registered: Registered, lifetimeMs: number): void {
    check(objectionTo(registered) ?? objectionToLifetime(lifetimeMs));
    this.#set(registered, this.#now() + lifetimeMs);
  }

  /** Another registrant's registration stays. */
  unregister(registered: Registered): void {
    check(objectionTo(registered));
    const entries = this.#services.get(registered.service);
    if (entries?.delete(keyOf(registered))) this.#registrations -= 1;
    if (entries?.size === 0) this.#services.delete(registered.service);
  }

  /** Each address once, the one that was registered first before the others. */
  lookup(service: string): string[] {
    check(objectionToName(service));
    this.#forgetExpired(service);
    const entries = this.#services.get(service)?.values() ?? [];
    return [...new Set([...entries].map(({ address }) => address))];
  }

  #set(registered: Registered, untilMs: number): void {
    const { service, address } = registered;
    const key = keyOf(registered);
    if (this.#services.get(service)?.has(key) !== true) {
      this.#makeRoom(service);
      this.#registrations += 1;
    }
    const entries = this.#services.get(service) ?? new Map<string, Entry>();
    this.#services.set(service, entries);
    entries.set(key, { address, untilMs });
  }

  #makeRoom(service: string): void {
    this.#forgetExpired(service);
    const again = `try again when some have expired, in ${LIFETIME_MS_MAX / 1_000} seconds at most`;
    if ((this.#services.get(service)?.size ?? 0) >= REGISTRATIONS_MAX_OF_SERVICE) {
      throw new RejectedError(`${service} has ${REGISTRATIONS_MAX_OF_SERVICE} registrations, the most: ${again}`);
    }
    if (this.#registrations < REGISTRATIONS_MAX) return;
    for (const name of [...this.#services.keys()]) this.#forgetExpired(name);
    if (this.#registrations < REGISTRATIONS_MAX) return;
    throw new RejectedError(`the naming service has ${REGISTRATIONS_MAX} registrations, the most: ${again}`);
  }

  #forgetExpired(service: string): void {
    const entries = this.#services.get(service);
    if (entries === undefined) return;
    const nowMs = this.#now();
    for (const [key, { untilMs }] of entries) {
      if (untilMs <= nowMs && entries.delete(key)) this.#registrations -= 1;
    }
    if (entries.size === 0) this.#services.delete(service);
  }
}

/** What is wrong with a registration's lifetime; null if nothing is. */
export function objectionToLifetime(lifetimeMs: number): string | null {
  if (lifetimeMs >= LIFETIME_MS_MIN && lifetimeMs <= LIFETIME_MS_MAX) return null;
  return `a registration lasts from ${LIFETIME_MS_MIN} to ${LIFETIME_MS_MAX} ms before it is renewed: got ${lifetimeMs}`;
}

function objectionTo({ service, address, registrant }: Registered): string | null {
  const objection = objectionToName(service) ?? objectionToAddress(address);
  if (objection !== null || /^[\w-]{16,64}$/.test(registrant)) return objection;
  return "a registrant is 16 to 64 letters, digits, '_' and '-', drawn at random by who registers";
}

function check(objection: string | null): void {
  if (objection !== null) throw new RejectedError(objection);
}

function keyOf({ registrant, address }: Registered): string {
  return `${registrant}\n${address}`;
}
