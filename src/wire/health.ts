// Generated from proto/health.proto by scripts/generate-wire.ts (npm run wire). Do not edit.

import type { MethodDefinition } from '@grpc/grpc-js';
import { type Codec, codec } from './codec.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface HealthCheckRequest {
  readonly service: string;
}

function newHealthCheckRequest(fields: Partial<HealthCheckRequest> = {}): HealthCheckRequest {
  return { service: fields.service ?? '' };
}

export function writeHealthCheckRequest(writer: Writer, message: HealthCheckRequest): void {
  if (message.service.length !== 0) {
    writer.string(message.service);
    writer.tag(10);
  }
}

export function readHealthCheckRequest(reader: Reader): HealthCheckRequest {
  let service: string = '';
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        service = reader.string();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { service };
}

export const HealthCheckRequest: Codec<HealthCheckRequest> = codec(
  newHealthCheckRequest,
  writeHealthCheckRequest,
  readHealthCheckRequest,
);

export interface HealthCheckResponse {
  readonly status: number;
}

function newHealthCheckResponse(fields: Partial<HealthCheckResponse> = {}): HealthCheckResponse {
  return { status: fields.status ?? 0 };
}

export function writeHealthCheckResponse(writer: Writer, message: HealthCheckResponse): void {
  if (message.status !== 0) {
    writer.int32(message.status);
    writer.tag(8);
  }
}

export function readHealthCheckResponse(reader: Reader): HealthCheckResponse {
  let status: number = 0;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 8:
        status = reader.int32();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { status };
}

export const HealthCheckResponse: Codec<HealthCheckResponse> = codec(
  newHealthCheckResponse,
  writeHealthCheckResponse,
  readHealthCheckResponse,
);

/** Fields of this type are plain numbers: a newer peer may send one that is not here. */
export const ServingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

export const healthService: {
  readonly check: MethodDefinition<HealthCheckRequest, HealthCheckResponse>;
  readonly watch: MethodDefinition<HealthCheckRequest, HealthCheckResponse>;
} = {
  check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: HealthCheckRequest.encode,
    requestDeserialize: HealthCheckRequest.decode,
    responseSerialize: HealthCheckResponse.encode,
    responseDeserialize: HealthCheckResponse.decode,
  },
  watch: {
    path: '/grpc.health.v1.Health/Watch',
    requestStream: false,
    responseStream: true,
    requestSerialize: HealthCheckRequest.encode,
    requestDeserialize: HealthCheckRequest.decode,
    responseSerialize: HealthCheckResponse.encode,
    responseDeserialize: HealthCheckResponse.decode,
  },
};
