import { create } from '@bufbuild/protobuf';
import {
  type MethodDescriptorProto,
  MethodDescriptorProtoSchema,
  MethodOptionsSchema,
  type ServiceDescriptorProto,
  ServiceDescriptorProtoSchema,
  ServiceOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import type protobuf from 'protobufjs';
import { type Context, nameOf, resolved, writtenOptions } from './context.ts';

export function describeService(
  service: protobuf.Service,
  path: readonly number[],
  context: Context,
): ServiceDescriptorProto {
  context.comment(path, service.comment);
  return create(ServiceDescriptorProtoSchema, {
    name: service.name,
    method: service.methodsArray.map((method, index) => {
      return describeMethod(method, [...path, ServiceDescriptorProtoSchema.field.method.number, index], context);
    }),
    ...writtenOptions(context, ServiceOptionsSchema, service),
  });
}

function describeMethod(method: protobuf.Method, path: readonly number[], context: Context): MethodDescriptorProto {
  const { name, requestStream, responseStream, requestType, responseType } = method;
  const at = nameOf(method);
  context.comment(path, method.comment);
  if (requestStream === true || responseStream === true) {
    const streams = [requestStream === true ? 'requests' : '', responseStream === true ? 'replies' : ''];
    const what = streams.filter((part) => part !== '').join(' and ');
    const instead = 'make it a call that is repeated, as one with a cursor, or leave it to gRPC';
    context.complain(at, `${at} streams its ${what}, and a call has one request and one reply: ${instead}`);
  }
  const message = (type: string): string => {
    const { typeName, kind } = resolved(context, { name: type, from: at, at });
    if (kind === 'enum') context.complain(at, `${type} is an enum: what a method takes and returns are messages`);
    return typeName;
  };
  return create(MethodDescriptorProtoSchema, {
    name,
    inputType: message(requestType),
    outputType: message(responseType),
    ...writtenOptions(context, MethodOptionsSchema, method),
  });
}
