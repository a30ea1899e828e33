/**
 * Writes `src/rpc/stubs/<name>_pb.ts` from `proto/request-reply/<name>.proto`: protobuf-es messages and descriptors of
 * services, from which clients and servers of request-reply are made. Run with `npm run stubs` after a change.
 *
 * The files are parsed by protobufjs and given to protobuf-es's own generator the way a protobuf compiler would, so
 * that no compiler has to be installed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { protoCamelCase } from '@bufbuild/protobuf/reflect';
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor/index.js';

const PROTO = fileURLToPath(new URL('../proto/request-reply/', import.meta.url));
const STUBS = fileURLToPath(new URL('../src/rpc/stubs/', import.meta.url));
const GENERATOR = fileURLToPath(new URL('../node_modules/.bin/protoc-gen-es', import.meta.url));
const BIOME = fileURLToPath(new URL('../node_modules/.bin/biome', import.meta.url));

/** The generated files: path and content. */
export function generateStubs(): Map<string, string> {
  const files = readdirSync(PROTO)
    .filter((name) => name.endsWith('.proto'))
    .sort();
  const generated = new Map<string, string>();
  for (const file of files) {
    const { name, content } = generate(describe(file));
    const path = `${STUBS}${basename(name)}`;
    generated.set(path, formatted(path, content));
  }
  return generated;
}

/** What a protobuf compiler would say of a file that imports no other. */
function describe(file: string): FileDescriptorProto {
  const root = new protobuf.Root();
  root.loadSync(`${PROTO}${file}`, { keepCase: true });
  root.resolveAll();
  if (!hasDescriptor(root)) throw new Error('protobufjs describes no files: its extension is not loaded');
  const bytes = descriptor.FileDescriptorSet.encode(root.toDescriptor('proto3')).finish();
  const [described] = fromBinary(FileDescriptorSetSchema, bytes).file;
  if (described === undefined) throw new Error(`${file} declares nothing`);
  described.name = file;
  for (const message of described.messageType) {
    // What protobufjs does not say. An optional field is the only one of a oneof of its own.
    for (const field of message.field) {
      field.jsonName = protoCamelCase(field.name);
      const choice = field.oneofIndex === undefined ? undefined : message.oneofDecl[field.oneofIndex];
      if (choice?.name === `_${field.name}`) field.proto3Optional = true;
    }
  }
  return described;
}

function hasDescriptor(root: object): root is { toDescriptor: (syntax: string) => protobuf.Message } {
  return 'toDescriptor' in root;
}

function generate(described: FileDescriptorProto): { name: string; content: string } {
  const request = create(CodeGeneratorRequestSchema, {
    fileToGenerate: [described.name],
    parameter: 'target=ts,import_extension=ts',
    protoFile: [described],
  });
  const run = spawnSync(GENERATOR, { input: toBinary(CodeGeneratorRequestSchema, request) });
  if (run.status !== 0) throw new Error(`cannot generate ${described.name}: ${run.stderr || run.error}`);
  const { error, file } = fromBinary(CodeGeneratorResponseSchema, run.stdout);
  const [output] = file;
  if (error !== '' || output === undefined) throw new Error(`cannot generate ${described.name}: ${error}`);
  return output;
}

function formatted(path: string, source: string): string {
  const run = spawnSync(BIOME, ['check', '--write', `--stdin-file-path=${path}`], { input: source, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`cannot format ${path}: ${run.stderr || run.error}`);
  return run.stdout;
}

if (import.meta.main) {
  for (const [path, content] of generateStubs()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
