import { type DescMessage, fromJson, type JsonObject, type JsonValue, type MessageShape } from '@bufbuild/protobuf';

/** Options as protobufjs keeps them: in the order in which they are written. */
export type WrittenOptions = readonly Readonly<Record<string, unknown>>[];

/**
 * The options that protobuf itself defines, as `deprecated` and `idempotency_level`. Custom ones, whose names are in
 * parentheses, are left out: what they say is for other programs. Throws on an option that is not there.
 */
export function optionsOf<Schema extends DescMessage>(
  schema: Schema,
  written: WrittenOptions,
): MessageShape<Schema> | null {
  const options: Record<string, JsonValue> = {};
  for (const [name, value] of written.flatMap(Object.entries)) {
    const field = schema.fields.find((field) => field.name === name);
    if (name.startsWith('(') || name === 'json_name') continue;
    if (field === undefined || !isPlain(value)) throw new Error(`the option ${name} is not one of proto3`);
    const before = options[name];
    options[name] = field.fieldKind === 'list' ? [...(Array.isArray(before) ? before : []), value] : value;
  }
  return Object.keys(options).length === 0 ? null : fromJson(schema, options satisfies JsonObject);
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
