import {
  create,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel as Idempotency } from '@bufbuild/protobuf/wkt';
import type { CallOptions, IncomingCall } from './call.ts';
import type { Caller } from './client.ts';
import { RejectedError, ServerFailureError } from './errors.ts';
import type { MethodDefinition, ServiceDefinition } from './service.ts';

/** A service's methods as async functions, which reject with a `CallError`. */
export type Client<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: Service['method'][Name] extends DescMethodUnary<infer In, infer Out>
    ? (request: MessageInitShape<In>, options?: CallOptions) => Promise<MessageShape<Out>>
    : never;
};

/** What executes a service's methods. */
export type Handlers<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: Service['method'][Name] extends DescMethodUnary<infer In, infer Out>
    ? (request: MessageShape<In>, call: IncomingCall) => Promise<MessageInitShape<Out>> | MessageInitShape<Out>
    : never;
};

export interface ServeOptions {
  /**
   * No reply of a method has more bytes: so much of the reply cache is kept free for each call under way, if the method
   * does not skip it. Default 1,024.
   */
  readonly replyBytesMax?: number;
  /** The same, for single methods, by their names in TypeScript. */
  readonly replyBytesMaxOf?: Readonly<Record<string, number>>;
}

const REPLY_BYTES = 1_024;

export function methodName(service: DescService, method: { readonly name: string }): string {
  return `${service.typeName}/${method.name}`;
}

/**
 * A typed client of a service: of any that protobuf-es's generator made, none of whose methods streams.
 *
 * @example
 * ```ts
 * const store = createClient(KeyValue, await RpcClient.open({ server: { host: '127.0.0.1', port: 4600 } }));
 * const { revision } = await store.put({ key, value });
 * ```
 */
export function createClient<Service extends DescService>(service: Service, caller: Caller): Client<Service> {
  const stubs = unaryMethods(service).map((method) => {
    const name = methodName(service, method);
    const stub = async (request: MessageInitShape<typeof method.input>, options?: CallOptions) => {
      const body = toBinary(method.input, create(method.input, request));
      const answer = await caller.call(name, body, options);
      try {
        return fromBinary(method.output, answer);
      } catch (cause) {
        throw new ServerFailureError(`the answer to ${name} is no ${method.output.typeName}`, { cause });
      }
    };
    return [method.localName, stub] as const;
  });
  // What the descriptors say, which the types are made of too.
  return Object.fromEntries(stubs) as unknown as Client<Service>;
}

/**
 * A service by its handlers. A method that declares an idempotency level in its `.proto` skips the reply cache.
 */
export function createService<Service extends DescService>(
  service: Service,
  handlers: Handlers<Service>,
  { replyBytesMax = REPLY_BYTES, replyBytesMaxOf = {} }: ServeOptions = {},
): ServiceDefinition {
  const byName = handlers as unknown as Readonly<Record<string, Handler>>;
  const methods = unaryMethods(service).map((method): [string, MethodDefinition] => {
    const handler = byName[method.localName];
    if (handler === undefined) throw new Error(`${service.typeName} needs a handler for ${method.localName}`);
    const rules = {
      idempotent: method.idempotency !== Idempotency.IDEMPOTENCY_UNKNOWN,
      replyBytesMax: replyBytesMaxOf[method.localName] ?? replyBytesMax,
    };
    const execute = async (call: IncomingCall): Promise<Uint8Array> => {
      const answer = await handler(parse(method.input, call), call);
      return toBinary(method.output, create(method.output, answer));
    };
    return [methodName(service, method), { rules, execute }];
  });
  return Object.fromEntries(methods);
}

function unaryMethods(service: DescService): DescService['methods'] {
  const streaming = service.methods.find(({ methodKind }) => methodKind !== 'unary');
  if (streaming === undefined) return service.methods;
  const name = methodName(service, streaming);
  throw new Error(`${name} streams, and a call has one request and one reply: leave its service to gRPC`);
}

type Handler = (request: unknown, call: IncomingCall) => Promise<Record<string, unknown>> | Record<string, unknown>;

function parse(schema: DescMethodUnary['input'], { body, method }: IncomingCall): unknown {
  try {
    return fromBinary(schema, body);
  } catch (cause) {
    throw new RejectedError(`the request of ${method} is no ${schema.typeName}`, { cause });
  }
}
