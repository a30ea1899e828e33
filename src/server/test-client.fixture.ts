import { Client, credentials, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';

/** A bare gRPC client, for tests of front doors. */
export class TestClient implements Disposable {
  readonly grpc: Client;

  constructor(address: string) {
    this.grpc = new Client(address, credentials.createInsecure(), { 'grpc.max_send_message_length': -1 });
  }

  call<Q, S>(method: MethodDefinition<Q, S>, request: Q, options: CallOptions = {}): Promise<S> {
    const { promise, resolve, reject } = Promise.withResolvers<S>();
    const { path, requestSerialize, responseDeserialize } = method;
    const answered = (error: ServiceError | null, response?: S): void => {
      if (response !== undefined) resolve(response);
      else reject(error);
    };
    const deadline = options.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs };
    const call = this.grpc.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, deadline, answered);
    options.signal?.addEventListener('abort', () => call.cancel());
    return promise;
  }

  /** Sends bytes that need not be a message. */
  callRaw(path: string, bytes: Buffer): Promise<Buffer> {
    const same = (buffer: Buffer): Buffer => buffer;
    return this.call(
      {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
      bytes,
    );
  }

  [Symbol.dispose](): void {
    this.grpc.close();
  }
}

interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}
