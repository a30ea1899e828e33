import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type protobuf from 'protobufjs';
import { optionsOf } from './options.ts';
import type { Scope } from './symbols.ts';

/** What a part of a file needs to be described. */
export interface Context {
  readonly scope: Scope;
  /** Where a declaration is, which is named in full; 0 if that is not known. */
  lineOf(declaration: string): number;
  /** Something is wrong with a declaration. */
  complain(declaration: string, message: string): void;
  /** A path is one of field numbers and indices in the file's descriptor. */
  comment(path: readonly number[], text: string | null | undefined): void;
}

/** A declaration's full name, without a leading dot. */
export function nameOf(object: protobuf.ReflectionObject): string {
  return object.fullName.replace(/^\./, '');
}

/** A field for the options of a descriptor; none if there are no options. */
export function writtenOptions<Schema extends DescMessage>(
  context: Context,
  schema: Schema,
  object: protobuf.ReflectionObject,
): { options?: MessageShape<Schema> } {
  const written: unknown = object.parsedOptions;
  return optionsField(context, schema, Array.isArray(written) ? written : [], nameOf(object));
}

export function optionsField<Schema extends DescMessage>(
  context: Context,
  schema: Schema,
  written: readonly Readonly<Record<string, unknown>>[],
  declaration: string,
): { options?: MessageShape<Schema> } {
  try {
    const options = optionsOf(schema, written);
    return options === null ? {} : { options };
  } catch (error) {
    context.complain(declaration, error instanceof Error ? error.message : String(error));
    return {};
  }
}

/** The full name, with a leading dot, of the message that a name means; or a complaint and the name as it is. */
export function resolved(
  { scope, complain }: Context,
  { name, from, at }: { readonly name: string; readonly from: string; readonly at: string },
): { readonly typeName: string; readonly kind: 'message' | 'enum' } {
  const found = scope.resolve(name, from);
  if (found === null && scope.isComplete) complain(at, scope.whyNot(name, from));
  return { typeName: `.${found?.name ?? name}`, kind: found?.kind ?? 'message' };
}
