import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  type FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';

const GENERATOR = fileURLToPath(new URL('../../node_modules/.bin/protoc-gen-es', import.meta.url));
/** Code that Node runs as it is: with no syntax that has to be compiled, and imports that name files. */
const PARAMETER = 'target=ts,import_extension=ts,erasable_syntax=true';

/** Asks protobuf-es's generator, as a protobuf compiler does: paths and contents of the generated files. */
export function generate(protoFile: FileDescriptorProto[], fileToGenerate: string[]): Map<string, string> {
  const request = create(CodeGeneratorRequestSchema, { fileToGenerate, parameter: PARAMETER, protoFile });
  const input = toBinary(CodeGeneratorRequestSchema, request);
  const run = spawnSync(process.execPath, [GENERATOR], { input, maxBuffer: Infinity });
  if (run.status !== 0) throw new Error(`protoc-gen-es failed: ${run.error?.message ?? run.stderr.toString()}`);
  const { error, file } = fromBinary(CodeGeneratorResponseSchema, run.stdout);
  if (error !== '') throw new Error(`protoc-gen-es failed: ${error}`);
  return new Map(file.map(({ name, content }) => [name, content]));
}
