// SPDX-License-Identifier: Apache-2.0
import { type ByteSource, skipVarint, takeVarint } from "./byte-source.ts";
import { type TrimmedFile, trimFile } from "./trim.ts";
import { eachField, type FieldVisitor, readString, stringAt } from "./wire.ts";

/** What a `CodeGeneratorRequest` asks of this plugin. It is read while its files are. */
export interface ScannedRequest {
  /** The plugin options as one string, `a=1,b=2`. Known with the first file. */
  readonly parameter: string;
  /** The files to generate for, in the order of the request. They can be walked through once. */
  readonly files: IterableIterator<ScannedFile>;
  /**
   * The full names of services to generate that carry none of our options, neither themselves nor on a method. Complete
   * after the last file.
   */
  readonly silentServices: readonly string[];
}

/** A file to generate for. */
export interface ScannedFile extends TrimmedFile {
  /** As imports write it. */
  readonly name: string;
}

/**
 * Finds the files that concern us, without decoding them, and without holding more than one whole file in memory. A
 * request for one directory of a large module is mostly imports and source information; none of that is kept.
 *
 * `source_file_descriptors` repeats `proto_file` with the options of source retention: ours have run-time retention.
 *
 * Walking through the files throws an Error when the bytes are not a request.
 */
export function scanRequest(source: ByteSource): ScannedRequest {
  const scan: Scan = { parameter: "", wanted: new Set(), silentServices: [] };
  return {
    get parameter() {
      return scan.parameter;
    },
    files: scanFiles(source, scan),
    silentServices: scan.silentServices,
  };
}

/** What is known of a request so far. */
interface Scan {
  parameter: string;
  readonly wanted: Set<string>;
  readonly silentServices: string[];
}

function* scanFiles(source: ByteSource, scan: Scan): Generator<ScannedFile, void> {
  try {
    let sawFile = false;
    while (!source.atEnd()) {
      const tag = takeVarint(source);
      const no = tag >>> 3;
      if ((tag & 7) !== LENGTH_DELIMITED) {
        skipNumber(source, tag);
        continue;
      }
      const length = takeVarint(source);
      if (no === REQUEST.protoFile) {
        sawFile = true;
        const file = scanFile(source.take(length), scan);
        if (file !== undefined) {
          yield file;
        }
      } else if (no === REQUEST.fileToGenerate || no === REQUEST.parameter) {
        if (sawFile) {
          throw new Error(`field ${no} comes after field ${REQUEST.protoFile}`);
        }
        addToHead(no, readString(source.take(length)), scan);
      } else {
        source.skip(length);
      }
    }
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`this is not a CodeGeneratorRequest: ${detail}`, { cause });
  }
}

function addToHead(no: number, text: string, scan: Scan): void {
  if (no === REQUEST.parameter) {
    scan.parameter = text;
  } else {
    scan.wanted.add(text);
  }
}

function scanFile(descriptor: Uint8Array, { parameter, wanted, silentServices }: Scan): ScannedFile | undefined {
  const name = stringAt(descriptor, FILE.name);
  if (!wanted.has(name)) {
    return undefined;
  }
  const annotated = scanServices(descriptor, silentServices);
  return annotated || keepsEmptyFiles(parameter) ? { name, ...trimFile(descriptor) } : undefined;
}

/** All that we know is length-delimited, but a later version of the protocol may add numbers. */
function skipNumber(source: ByteSource, tag: number): void {
  const [no, wireType] = [tag >>> 3, tag & 7];
  const bytes = fixedLengths.get(wireType);
  if (known.has(no) || (bytes === undefined && wireType !== VARINT)) {
    throw new Error(`field ${no} is not length-delimited`);
  }
  if (bytes === undefined) {
    skipVarint(source);
  } else {
    source.skip(bytes);
  }
}

/** protoplugin reads this option too late for us: a file without contracts is not shown to it. */
function keepsEmptyFiles(parameter: string): boolean {
  return /(^|,)keep_empty_files=(true|1)(,|$)/.test(parameter);
}

/** Whether a file has a service with our options; adds the services without any to the list. */
function scanServices(file: Uint8Array, silentServices: string[]): boolean {
  const prefix = stringAt(file, FILE.package);
  let annotated = false;
  eachField(file, (no, from, to) => {
    if (no !== FILE.service) {
      return;
    }
    if (isAnnotated(file, from, to)) {
      annotated = true;
    } else {
      const name = stringAt(file, SERVICE.name, from, to);
      silentServices.push(prefix === "" ? name : `${prefix}.${name}`);
    }
  });
  return annotated;
}

function isAnnotated(bytes: Uint8Array, serviceFrom: number, serviceTo: number): boolean {
  let annotated = false;
  const visitMethod: FieldVisitor = (no, from, to) => {
    annotated ||= no === METHOD.options && hasField(bytes, OUR_OPTION, from, to);
  };
  const visitService: FieldVisitor = (no, from, to) => {
    if (no === SERVICE.options) {
      annotated ||= hasField(bytes, OUR_OPTION, from, to);
    } else if (no === SERVICE.method) {
      eachField(bytes, visitMethod, from, to);
    }
  };
  eachField(bytes, visitService, serviceFrom, serviceTo);
  return annotated;
}

function hasField(bytes: Uint8Array, wanted: number, messageFrom: number, messageTo: number): boolean {
  let found = false;
  const visit: FieldVisitor = (no) => {
    found ||= no === wanted;
  };
  eachField(bytes, visit, messageFrom, messageTo);
  return found;
}

/** The number of `client_config` among ServiceOptions and of `method_config` among MethodOptions. */
const OUR_OPTION = 999999;

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const fixedLengths: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [5, 4],
]);
const REQUEST = { fileToGenerate: 1, parameter: 2, protoFile: 15 } as const;
const known: ReadonlySet<number> = new Set(Object.values(REQUEST));
const FILE = { name: 1, package: 2, service: 6 } as const;
const SERVICE = { name: 1, method: 2, options: 3 } as const;
const METHOD = { options: 4 } as const;
