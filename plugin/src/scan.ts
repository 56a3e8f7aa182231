// SPDX-License-Identifier: Apache-2.0
import { eachField, readString, type Span } from "./wire.ts";

/** What a `CodeGeneratorRequest` asks of this plugin, found without decoding it. */
export interface ScannedRequest {
  /** The plugin options as one string, `a=1,b=2`. */
  readonly parameter: string;
  /** The files to generate, in the order of the request. */
  readonly files: readonly ScannedFile[];
}

/** A file to generate. */
export interface ScannedFile {
  /** As imports write it. */
  readonly name: string;
  /** The `FileDescriptorProto`, undecoded. */
  readonly descriptor: Uint8Array;
  /** Whether a service or method in it carries one of our options. */
  readonly annotated: boolean;
  /** The full names of its services that carry none, neither themselves nor on a method. */
  readonly silentServices: readonly string[];
}

/**
 * Finds the files to generate and whether they concern us. A request for one directory of a large module is mostly
 * imports and source information; none of that is touched.
 *
 * `source_file_descriptors` repeats `proto_file` with the options of source retention: ours have run-time retention.
 */
export function scanRequest(request: Uint8Array): ScannedRequest {
  const wanted = new Set<string>();
  const descriptors: Uint8Array[] = [];
  let parameter = "";
  eachField(request, whole(request), (no, payload) => {
    if (no === REQUEST.fileToGenerate) {
      wanted.add(readString(request, payload));
    } else if (no === REQUEST.parameter) {
      parameter = readString(request, payload);
    } else if (no === REQUEST.protoFile) {
      descriptors.push(request.subarray(payload.from, payload.to));
    }
  });
  const files = descriptors.flatMap((descriptor) => {
    const name = stringAt(descriptor, whole(descriptor), FILE.name);
    return wanted.has(name) ? [scanFile(name, descriptor)] : [];
  });
  return { parameter, files };
}

function scanFile(name: string, descriptor: Uint8Array): ScannedFile {
  const silentServices: string[] = [];
  const prefix = stringAt(descriptor, whole(descriptor), FILE.package);
  let annotated = false;
  eachField(descriptor, whole(descriptor), (no, service) => {
    if (no !== FILE.service) {
      return;
    }
    if (isAnnotated(descriptor, service)) {
      annotated = true;
    } else {
      const serviceName = stringAt(descriptor, service, SERVICE.name);
      silentServices.push(prefix === "" ? serviceName : `${prefix}.${serviceName}`);
    }
  });
  return { name, descriptor, annotated, silentServices };
}

function isAnnotated(bytes: Uint8Array, service: Span): boolean {
  let annotated = false;
  eachField(bytes, service, (no, payload) => {
    if (no === SERVICE.options) {
      annotated ||= hasField(bytes, payload, OUR_OPTION);
    } else if (no === SERVICE.method) {
      eachField(bytes, payload, (methodNo, options) => {
        annotated ||= methodNo === METHOD.options && hasField(bytes, options, OUR_OPTION);
      });
    }
  });
  return annotated;
}

function hasField(bytes: Uint8Array, span: Span, wanted: number): boolean {
  let found = false;
  eachField(bytes, span, (no) => {
    found ||= no === wanted;
  });
  return found;
}

function stringAt(bytes: Uint8Array, span: Span, wanted: number): string {
  let value = "";
  eachField(bytes, span, (no, payload) => {
    if (no === wanted) {
      value = readString(bytes, payload);
    }
  });
  return value;
}

function whole(bytes: Uint8Array): Span {
  return { from: 0, to: bytes.length };
}

/** The number of `client_config` among ServiceOptions and of `method_config` among MethodOptions. */
const OUR_OPTION = 999999;

const REQUEST = { fileToGenerate: 1, parameter: 2, protoFile: 15 } as const;
const FILE = { name: 1, package: 2, service: 6 } as const;
const SERVICE = { name: 1, method: 2, options: 3 } as const;
const METHOD = { options: 4 } as const;
