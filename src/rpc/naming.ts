import type { DescService } from '@bufbuild/protobuf';
import { type Endpoint, formatEndpoint } from '../host/index.ts';
import { RpcClient, type RpcClientOptions } from './client.ts';
import { UnreachableError } from './errors.ts';
import type { ServiceDefinition } from './service.ts';
import { createClient, createService } from './stub.ts';
import { Naming } from './stubs/naming_pb.ts';

/** No client's registration lasts longer without being renewed. */
const LIFETIME_MS_MAX = 60_000;
/** Of a lookup's reply. */
const REPLY_BYTES = 16 * 1024;
const SERVICES_MAX = 10_000;
const ADDRESSES_MAX = 100;

/**
 * The table of a naming service: which service is where. A registration is soft state: it lasts as long as its server
 * renews it, so the table is kept nowhere, and one that was lost is full again after a renewal.
 */
export class NameTable {
  /** By service and address: until when, by the clock. */
  readonly #services = new Map<string, Map<string, number>>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** For good, if the lifetime is infinite. False if the table is full. */
  register(service: string, address: string, lifetimeMs: number): boolean {
    const addresses = this.#services.get(service) ?? new Map<string, number>();
    if (!addresses.has(address) && addresses.size >= ADDRESSES_MAX) return false;
    if (!this.#services.has(service) && this.#services.size >= SERVICES_MAX && !this.#sweep()) return false;
    this.#services.set(service, addresses);
    addresses.set(address, this.#now() + lifetimeMs);
    return true;
  }

  unregister(service: string, address: string): void {
    this.#services.get(service)?.delete(address);
  }

  lookup(service: string): string[] {
    const nowMs = this.#now();
    const addresses = this.#services.get(service) ?? new Map<string, number>();
    for (const [address, untilMs] of addresses) if (untilMs <= nowMs) addresses.delete(address);
    return [...addresses.keys()];
  }

  /** Forgets the services that are nowhere; false if there are none. */
  #sweep(): boolean {
    for (const service of [...this.#services.keys()]) {
      if (this.lookup(service).length === 0) this.#services.delete(service);
    }
    return this.#services.size < SERVICES_MAX;
  }
}

/** The naming service over a table. */
export function namingService(table: NameTable): ServiceDefinition {
  return createService(
    Naming,
    {
      register: ({ service, address, lifetimeMs }) => {
        if (!table.register(service, address, Math.min(lifetimeMs, LIFETIME_MS_MAX))) {
          throw new Error('the table of names is full');
        }
        return {};
      },
      unregister: ({ service, address }) => {
        table.unregister(service, address);
        return {};
      },
      lookup: ({ service }) => ({ addresses: table.lookup(service) }),
    },
    { replyBytesMax: REPLY_BYTES },
  );
}

/** A service's address in the table, renewed until it is closed. */
export class Registration {
  readonly #withdraw: () => Promise<void>;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param caller  of the naming service
   * @throws CallError  if the first registration fails; later ones are tried again
   */
  static async open(
    caller: RpcClient,
    { service, at, lifetimeMs = 10_000 }: { service: DescService; at: Endpoint; lifetimeMs?: number },
  ): Promise<Registration> {
    const naming = createClient(Naming, caller);
    const entry = { service: service.typeName, address: formatEndpoint(at) };
    const renew = () => naming.register({ ...entry, lifetimeMs });
    await renew();
    const timer = setInterval(() => void renew().catch(() => undefined), lifetimeMs / 3).unref();
    return new Registration(timer, async () => {
      await naming.unregister(entry).catch(() => undefined); // or else it expires
    });
  }

  private constructor(timer: NodeJS.Timeout, withdraw: () => Promise<void>) {
    this.#timer = timer;
    this.#withdraw = withdraw;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#withdraw();
  }
}

/**
 * Where a service is, as the naming service says; the one that is registered longest comes first.
 * @throws UnreachableError  if it is nowhere
 */
export async function lookup(caller: RpcClient, service: DescService): Promise<Endpoint[]> {
  const { addresses } = await createClient(Naming, caller).lookup({ service: service.typeName });
  if (addresses.length === 0) {
    throw new UnreachableError(`the naming service knows no ${service.typeName}: see that one is registered`);
  }
  return addresses.map((address) => {
    const colon = address.lastIndexOf(':');
    const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
    return { host, port: Number(address.slice(colon + 1)) };
  });
}

/** A client of a service that is looked up by its name. */
export async function openByName(
  service: DescService,
  { naming, ...options }: Omit<RpcClientOptions, 'server'> & { readonly naming: Endpoint },
): Promise<RpcClient> {
  const { interceptors: _, ...plain } = options;
  const names = await RpcClient.open({ ...plain, server: naming });
  try {
    const [server] = await lookup(names, service);
    if (server === undefined) throw new UnreachableError(`${service.typeName} is nowhere`);
    return await RpcClient.open({ ...options, server });
  } finally {
    await names.close();
  }
}
