import { create } from '@bufbuild/protobuf';
import { protoCamelCase } from '@bufbuild/protobuf/reflect';
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  MessageOptionsSchema,
  OneofOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import { type Context, nameOf, optionsField, writtenOptions } from './context.ts';
import { describeField, describeMapEntry } from './fields.ts';

const MESSAGE = DescriptorProtoSchema.field;
const RESERVED_MAX = 0x1fff_ffff;
const ENUM_RESERVED_MAX = 0x7fff_ffff;

export function describeMessage(type: protobuf.Type, path: readonly number[], context: Context): DescriptorProto {
  context.comment(path, type.comment);
  // A compiler puts last those that it makes for single optional fields.
  const oneofs = type.oneofsArray.toSorted((a, b) => Number(a.isProto3Optional) - Number(b.isProto3Optional));
  for (const [index, oneof] of oneofs.entries()) {
    context.comment([...path, MESSAGE.oneofDecl.number, index], oneof.comment);
  }
  // In the order of the source: a map's entries are a message where the map is.
  const nested = [
    ...type.nestedArray.filter((object) => object instanceof protobuf.Type),
    ...type.fieldsArray.filter((field) => field instanceof protobuf.MapField),
  ].toSorted((a, b) => context.lineOf(nameOf(a)) - context.lineOf(nameOf(b)));
  const enums = type.nestedArray.filter((object) => object instanceof protobuf.Enum);
  const extensions = type.nestedArray.filter((object) => object instanceof protobuf.Field);
  for (const [declaration, problem] of problemsIn(type)) context.complain(declaration, problem);
  return create(DescriptorProtoSchema, {
    name: type.name,
    field: type.fieldsArray.map((field, index) => {
      return describeField(field, oneofs, [...path, MESSAGE.field.number, index], context);
    }),
    nestedType: nested.map((object, index) => {
      return object instanceof protobuf.Type
        ? describeMessage(object, [...path, MESSAGE.nestedType.number, index], context)
        : describeMapEntry(object, context);
    }),
    enumType: enums.map((object, index) => describeEnum(object, [...path, MESSAGE.enumType.number, index], context)),
    extension: extensions.map((field, index) => {
      return describeField(field, [], [...path, MESSAGE.extension.number, index], context);
    }),
    oneofDecl: oneofs.map((oneof) => ({ name: oneof.name, ...writtenOptions(context, OneofOptionsSchema, oneof) })),
    // Without the last of a range here, and with it in an enum: so says descriptor.proto.
    reservedRange: rangesOf(type.reserved).map(([start, end]) => ({ start, end: end + 1 })),
    reservedName: namesOf(type.reserved),
    ...writtenOptions(context, MessageOptionsSchema, type),
  });
}

/** What protobufjs lets pass, and proto3 does not. */
function* problemsIn(type: protobuf.Type): Generator<readonly [declaration: string, problem: string]> {
  if (type.extensions !== undefined) yield [nameOf(type), `${type.name} has extensions, which proto3 does not`];
  for (const object of type.nestedArray) {
    if (object instanceof protobuf.Service) yield [nameOf(object), `the service ${object.name} stands in a message`];
    if (object instanceof protobuf.Type && 'group' in object && object.group === true) {
      yield [nameOf(object), `${object.name} is a group, which proto3 does not have: write a message and a field`];
    }
  }
  const byProperty = new Map<string, string>();
  const [ranges, names] = [rangesOf(type.reserved), namesOf(type.reserved)];
  for (const field of type.fieldsArray) {
    const { name, id } = field;
    const isReserved = names.includes(name) || ranges.some(([start, end]) => start <= id && id <= end);
    if (isReserved) yield [nameOf(field), `${name} = ${id} is reserved: give it a name and a number that are not`];
    const property = protoCamelCase(name);
    const other = byProperty.get(property);
    if (other !== undefined) yield [nameOf(field), `${other} and ${name} would both be ${property} in TypeScript`];
    byProperty.set(property, name);
  }
}

export function describeEnum(object: protobuf.Enum, path: readonly number[], context: Context): EnumDescriptorProto {
  context.comment(path, object.comment);
  const values = Object.entries(object.values);
  if (values[0]?.[1] !== 0) {
    context.complain(
      nameOf(object),
      `the first value of ${object.name} is to be 0: it is what a field holds by default`,
    );
  }
  const value = values.map(([name, number], index) => {
    context.comment([...path, EnumDescriptorProtoSchema.field.value.number, index], object.comments[name]);
    const options = object.valuesOptions?.[name];
    const written = options === undefined ? [] : [options];
    return { name, number, ...optionsField(context, EnumValueOptionsSchema, written, nameOf(object)) };
  });
  return create(EnumDescriptorProtoSchema, {
    name: object.name,
    value,
    reservedRange: rangesOf(object.reserved).map(([start, end]) => {
      return { start, end: end === RESERVED_MAX ? ENUM_RESERVED_MAX : end };
    }),
    reservedName: namesOf(object.reserved),
    ...writtenOptions(context, EnumOptionsSchema, object),
  });
}

type Reserved = readonly (readonly number[] | string)[] | undefined;

function rangesOf(reserved: Reserved): [start: number, end: number][] {
  return (reserved ?? []).flatMap((item) => {
    if (typeof item === 'string') return [];
    const [start = 0, end = start] = item;
    return [[start, end]];
  });
}

function namesOf(reserved: Reserved): string[] {
  return (reserved ?? []).filter((item) => typeof item === 'string');
}
