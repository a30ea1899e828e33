/**
 * Request-reply on real sockets: the processes of `protocols/request-reply` over UDP or TCP, with integrity, fragments,
 * typed stubs from `.proto` files, interceptors and a naming service.
 */
export { formatEndpoint } from '../host/index.ts';
export { requestReply as protocol } from '../protocols/index.ts';
export type { CallOptions, ClientInterceptor, IncomingCall, OutgoingCall, ServerInterceptor } from './call.ts';
export type { ChannelCounters, TransportKind } from './channel.ts';
export { type Caller, RpcClient, type RpcClientOptions } from './client.ts';
export * from './errors.ts';
export * from './interceptors.ts';
export { NameTable, type Registered } from './name-table.ts';
export { lookup, namingService, openByName, Registration } from './naming.ts';
export { OptionError, type OptionErrorCode } from './options.ts';
export { RpcServer, type RpcServerOptions, type ServerStatus } from './server.ts';
export { type MethodDefinition, type ServiceDefinition, sessionService } from './service.ts';
export { type Client, createClient, createService, type Handlers, methodName } from './stub.ts';
export { KeyValue } from './stubs/key_value_pb.ts';
export { Naming } from './stubs/naming_pb.ts';
