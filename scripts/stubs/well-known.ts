import type { DescFile } from '@bufbuild/protobuf';
import * as wkt from '@bufbuild/protobuf/wkt';

/** The files that come with protobuf, as `google/protobuf/timestamp.proto`, by the paths by which they are imported. */
export const WELL_KNOWN: ReadonlyMap<string, DescFile> = new Map(
  Object.values(wkt)
    .filter(isFile)
    .map((file) => [file.proto.name, file]),
);

function isFile(value: unknown): value is DescFile {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'file';
}
