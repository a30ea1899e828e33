import { create } from '@bufbuild/protobuf';
import { protoCamelCase } from '@bufbuild/protobuf/reflect';
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  FieldDescriptorProto_Type as FieldType,
  FieldDescriptorProto_Label as Label,
} from '@bufbuild/protobuf/wkt';
import type protobuf from 'protobufjs';
import { type Context, nameOf, resolved, writtenOptions } from './context.ts';

const SCALARS: ReadonlyMap<string, FieldType> = new Map([
  ['double', FieldType.DOUBLE],
  ['float', FieldType.FLOAT],
  ['int64', FieldType.INT64],
  ['uint64', FieldType.UINT64],
  ['int32', FieldType.INT32],
  ['fixed64', FieldType.FIXED64],
  ['fixed32', FieldType.FIXED32],
  ['bool', FieldType.BOOL],
  ['string', FieldType.STRING],
  ['bytes', FieldType.BYTES],
  ['uint32', FieldType.UINT32],
  ['sfixed32', FieldType.SFIXED32],
  ['sfixed64', FieldType.SFIXED64],
  ['sint32', FieldType.SINT32],
  ['sint64', FieldType.SINT64],
]);
const NUMBER_MAX = 0x1fff_ffff;
/** Protobuf keeps these field numbers for itself. */
const KEPT = { first: 19_000, last: 19_999 };

export function describeField(
  field: protobuf.Field,
  oneofs: readonly protobuf.OneOf[],
  path: readonly number[],
  context: Context,
): FieldDescriptorProto {
  const { name, id, partOf, extend } = field;
  context.comment(path, field.comment);
  if (id < 1 || id > NUMBER_MAX || (id >= KEPT.first && id <= KEPT.last)) {
    context.complain(nameOf(field), `the number ${id} of ${name} is not one that a field can have`);
  }
  const jsonName: unknown = field.getOption('json_name');
  const from = field.parent === null ? '' : nameOf(field.parent);
  return create(FieldDescriptorProtoSchema, {
    name,
    number: id,
    label: field.repeated || field.map ? Label.REPEATED : Label.OPTIONAL,
    jsonName: typeof jsonName === 'string' ? jsonName : protoCamelCase(name),
    ...(field.map
      ? { type: FieldType.MESSAGE, typeName: `.${from}.${entryName(name)}` }
      : typeOf(field, from, context)),
    ...(extend !== undefined && { extendee: resolved(context, { name: extend, from, at: nameOf(field) }).typeName }),
    ...(partOf !== null && { oneofIndex: oneofs.indexOf(partOf) }),
    ...(partOf?.isProto3Optional && { proto3Optional: true }),
    ...writtenOptions(context, FieldOptionsSchema, field),
  });
}

/** A map is a list of messages of its own, of keys with their values. */
export function describeMapEntry(map: protobuf.MapField & protobuf.Field, context: Context): DescriptorProto {
  const from = map.parent === null ? '' : nameOf(map.parent);
  const part = { label: Label.OPTIONAL };
  return create(DescriptorProtoSchema, {
    name: entryName(map.name),
    field: [
      { ...part, name: 'key', number: 1, jsonName: 'key', type: SCALARS.get(map.keyType) ?? FieldType.STRING },
      { ...part, name: 'value', number: 2, jsonName: 'value', ...typeOf(map, from, context) },
    ],
    options: { mapEntry: true },
  });
}

function typeOf(field: protobuf.Field, from: string, context: Context): { type: FieldType; typeName?: string } {
  const scalar = SCALARS.get(field.type);
  if (scalar !== undefined) return { type: scalar };
  const { typeName, kind } = resolved(context, { name: field.type, from, at: nameOf(field) });
  return { type: kind === 'enum' ? FieldType.ENUM : FieldType.MESSAGE, typeName };
}

/** `parts_by_name` → `PartsByNameEntry`. */
function entryName(field: string): string {
  const words = field.split('_').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `${words.join('')}Entry`;
}
