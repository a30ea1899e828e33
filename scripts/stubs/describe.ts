import { create } from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileOptionsSchema,
  SourceCodeInfo_LocationSchema,
} from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import { type Context, writtenOptions } from './context.ts';
import { describeField } from './fields.ts';
import { describeEnum, describeMessage } from './messages.ts';
import type { Problem } from './problems.ts';
import { describeService } from './services.ts';
import type { SourceFile } from './source-file.ts';
import type { Scope } from './symbols.ts';

const FILE = FileDescriptorProtoSchema.field;

/** What a protobuf compiler would say of a file. Adds to the problems what is wrong with it. */
export function describeFile(source: SourceFile, scope: Scope, problems: Problem[]): FileDescriptorProto {
  const { name, packageName, imports, publicImports, declared, lines } = source;
  const file = create(FileDescriptorProtoSchema, {
    name,
    ...(packageName !== '' && { package: packageName }),
    syntax: 'proto3',
    dependency: [...imports],
    publicDependency: imports.flatMap((path, index) => (publicImports.has(path) ? [index] : [])),
    sourceCodeInfo: {},
  });
  const context: Context = {
    scope,
    lineOf: (declaration) => lines.get(declaration) ?? 0,
    complain: (declaration, message) => {
      problems.push({ file: name, line: lines.get(declaration) ?? null, message });
    },
    comment: (path, text) => {
      if (typeof text !== 'string' || text === '') return;
      const leadingComments = `${text.replace(/^(?=.)/gm, ' ')}\n`;
      file.sourceCodeInfo?.location.push(create(SourceCodeInfo_LocationSchema, { path: [...path], leadingComments }));
    },
  };
  for (const object of declared) {
    if (object instanceof protobuf.Type) {
      file.messageType.push(describeMessage(object, [FILE.messageType.number, file.messageType.length], context));
    } else if (object instanceof protobuf.Enum) {
      file.enumType.push(describeEnum(object, [FILE.enumType.number, file.enumType.length], context));
    } else if (object instanceof protobuf.Service) {
      file.service.push(describeService(object, [FILE.service.number, file.service.length], context));
    } else if (object instanceof protobuf.Field) {
      file.extension.push(describeField(object, [], [FILE.extension.number, file.extension.length], context));
    }
  }
  return Object.assign(file, writtenOptions(context, FileOptionsSchema, source.top));
}
