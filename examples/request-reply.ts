/**
 * A service called over UDP, with at-most-once semantics: `npm run example examples/request-reply.ts`. The service is
 * the naming service, whose stubs are generated from proto/request-reply/naming.proto; one of your own is made the same way.
 */
import {
  CallMetrics,
  createClient,
  createService,
  Naming,
  OverloadedError,
  RejectedError,
  RpcClient,
  RpcServer,
  UnknownOutcomeError,
} from '../src/rpc/index.ts';

const addresses = new Map<string, string>();
const service = createService(Naming, {
  register: ({ service, address }) => {
    if (address === '') throw new RejectedError('a service is somewhere: give an address');
    addresses.set(service, address);
    return {};
  },
  unregister: ({ service }) => {
    addresses.delete(service);
    return {};
  },
  lookup: ({ service }) => ({ addresses: [addresses.get(service) ?? 'nowhere'] }),
});

await using server = await RpcServer.open({
  listen: { udp: { host: '127.0.0.1', port: 0 } },
  directory: null, // or where it counts its lives, if it is ever started again at its address
  services: [service],
});

const at = server.endpoint('udp');
if (at === null) throw new Error('it serves UDP');
const metrics = new CallMetrics();
await using client = await RpcClient.open({ server: at, interceptors: [metrics.client] });
const names = createClient(Naming, client);

await names.register({ service: 'greetings', address: '127.0.0.1:4700' });
console.log((await names.lookup({ service: 'greetings' })).addresses);

try {
  await names.register({ service: 'greetings' }, { timeoutMs: 500 });
} catch (error) {
  if (error instanceof RejectedError) console.log(`refused, nothing changed: ${error.message}`);
  else if (error instanceof OverloadedError) console.log(`not executed; try again in ${error.retryAfterMs} ms`);
  else if (error instanceof UnknownOutcomeError) console.log('executed once or not at all');
  else throw error;
}
console.log(metrics.methods());
