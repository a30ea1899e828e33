import { randomBytes } from 'node:crypto';
import type { DescService } from '@bufbuild/protobuf';
import { type Endpoint, formatEndpoint } from '../host/index.ts';
import { RpcClient, type RpcClientOptions } from './client.ts';
import { UnreachableError } from './errors.ts';
import { LOOKUP_BYTES_MAX, type NameTable, objectionToLifetime } from './name-table.ts';
import type { ServiceDefinition } from './service.ts';
import { parseServiceAddress } from './service-address.ts';
import { createClient, createService } from './stub.ts';
import { Naming } from './stubs/naming_pb.ts';

const LIFETIME_MS = 10_000;
/** Renewals in a lifetime: two may be lost. */
const RENEWALS = 3;
const REGISTRANT_BYTES = 16;

/** The naming service over a table. */
export function namingService(table: NameTable): ServiceDefinition {
  return createService(
    Naming,
    {
      register: ({ lifetimeMs, ...registered }) => {
        table.register(registered, lifetimeMs);
        return {};
      },
      unregister: (registered) => {
        table.unregister(registered);
        return {};
      },
      lookup: ({ service }) => ({ addresses: table.lookup(service) }),
    },
    { replyBytesMaxOf: { lookup: LOOKUP_BYTES_MAX } },
  );
}

/** A service's address in the table, renewed until it is closed. Nobody else can withdraw it. */
export class Registration {
  readonly #withdraw: () => Promise<void>;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param caller  of the naming service
   * @param registration  the lifetime is 100 to 60,000 ms, by default 10,000, and renewed three times in it
   * @throws CallError  if the first registration fails; later ones are tried again
   * @throws RangeError  if the lifetime is none
   */
  static async open(
    caller: RpcClient,
    registration: { readonly service: DescService; readonly at: Endpoint; readonly lifetimeMs?: number },
  ): Promise<Registration> {
    const { service, at, lifetimeMs = LIFETIME_MS } = registration;
    const objection = objectionToLifetime(lifetimeMs);
    if (objection !== null) throw new RangeError(objection);
    const naming = createClient(Naming, caller);
    const registrant = randomBytes(REGISTRANT_BYTES).toString('base64url');
    const entry = { service: service.typeName, address: formatEndpoint(at), registrant };
    const closing = new AbortController();
    const renew = () => naming.register({ ...entry, lifetimeMs: Math.floor(lifetimeMs) }, { signal: closing.signal });
    await renew();
    const timer = setInterval(() => void renew().catch(() => undefined), lifetimeMs / RENEWALS).unref();
    return new Registration(timer, async () => {
      // The withdrawal acknowledges a renewal under way, so that no late copy of it is executed.
      closing.abort();
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
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
  const endpoints = addresses.map(parseServiceAddress).filter((endpoint) => endpoint !== null);
  if (endpoints.length > 0) return endpoints;
  throw new UnreachableError(`the naming service knows no address of ${service.typeName}, only '${addresses[0]}'`);
}

/**
 * A client of a service that is looked up by its name: of all its servers, as `RpcClientOptions.server` has them. The
 * options hold for the lookup as well, except for the identity, which is one client's.
 * @throws CallError  if the lookup fails; and what `RpcClient.open` throws
 */
export async function openByName(
  service: DescService,
  { naming, ...options }: Omit<RpcClientOptions, 'server'> & { readonly naming: RpcClientOptions['server'] },
): Promise<RpcClient> {
  const { identity: _, ...anonymous } = options;
  const names = await RpcClient.open({ ...anonymous, server: naming });
  try {
    return await RpcClient.open({ ...options, server: await lookup(names, service) });
  } finally {
    await names.close();
  }
}
