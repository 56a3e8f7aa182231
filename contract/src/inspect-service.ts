// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { checkContract } from "./checks/check-contract.ts";
import { type DeclaredOption, fieldNumbersOf, forEachLeaf, fullNameOf, locationOf, lookUp } from "./declared.ts";
import type { Diagnostic, SourceLocation } from "./diagnostic.ts";
import { type Locate, locateInSourceInfo } from "./locate.ts";
import {
  methodOptions,
  type OptionLeaf,
  type OptionMessage,
  type OptionValue,
  serviceOptions,
} from "./option-schema.ts";
import type { ServiceContract } from "./policy.ts";
import { type DeclaredOptions, type ReadProblem, readOptions } from "./read-options.ts";
import { type DeclaredService, resolveContract } from "./resolve.ts";

/** Everything there is to know about the contract of a service. */
export interface ServiceInspection {
  readonly service: DescService;
  /** `(service_client.client_config)` is set on the service. */
  readonly annotated: boolean;
  /** The resolved contract. With an error among the diagnostics, the best that could be made of it. */
  readonly contract: ServiceContract;
  /** Everything that is wrong, in the order of the `.proto`. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every value that the `.proto` sets, the service's first. */
  readonly declared: readonly DeclaredOption[];
  /**
   * Says which level set an option such as `retry.max_attempts`, or a group such as `retry`, for the service or for one
   * of its methods.
   */
  originOf(option: string, method?: DescMethod): Origin;
}

/** Where a resolved value comes from. */
export interface Origin {
  readonly setBy: "default" | "service" | "method";
  /** What it is set to. Absent for defaults and for groups. */
  readonly value?: OptionValue;
  /** Where it is set. Absent for defaults. */
  readonly location?: SourceLocation;
  /** Where the annotation that sets it begins. Absent for defaults. */
  readonly annotation?: SourceLocation;
}

/** Options of {@link inspectService}. */
export interface InspectOptions {
  /** Finds lines and columns. Default: {@link locateInSourceInfo}. It is asked only for places that are used. */
  readonly locate?: Locate;
}

/** Reads, resolves and checks the contract of a service. Nothing is thrown for what the `.proto` says. */
export function inspectService(service: DescService, options: InspectOptions = {}): ServiceInspection {
  const locate = options.locate ?? locateInSourceInfo;
  const problems: { on: DescService | DescMethod; problem: ReadProblem }[] = [];
  const read = (on: DescService | DescMethod, message: OptionMessage): DeclaredOptions | undefined => {
    const found: ReadProblem[] = [];
    const declared = readOptions(on.proto.options?.$unknown, message, found);
    for (const problem of found) {
      problems.push({ on, problem });
    }
    return declared;
  };
  const declared: DeclaredService = {
    service,
    options: read(service, serviceOptions),
    methods: service.methods.map((method) => ({ method, options: read(method, methodOptions) })),
  };
  const contract = resolveContract(declared);
  const unreadable = problems.map(({ on, problem }) => readDiagnostic(on, problem, locate));
  let listed: readonly DeclaredOption[] | undefined;
  let own: ReadonlyMap<DescMethod, DeclaredOptions | undefined> | undefined;
  const ofService = new Map<string, Origin>();
  return {
    service,
    annotated: declared.options !== undefined,
    contract,
    diagnostics: inOrder([...unreadable, ...checkContract(declared, contract, locate)]),
    get declared() {
      listed ??= listDeclared(declared, locate);
      return listed;
    },
    originOf(option, method) {
      own ??= new Map(declared.methods.map((entry) => [entry.method, entry.options]));
      const onMethod = method === undefined ? undefined : lookUp(own.get(method), option);
      if (method !== undefined && onMethod !== undefined) {
        return originAt("method", method, option, onMethod, locate);
      }
      let origin = ofService.get(option);
      if (origin === undefined) {
        const onService = lookUp(declared.options, option);
        origin = onService === undefined ? builtIn : originAt("service", service, option, onService, locate);
        ofService.set(option, origin);
      }
      return origin;
    },
  };
}

const builtIn: Origin = { setBy: "default" };

/** In the order of the lines; what has no line keeps its place. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted(
    ({ location: a }, { location: b }) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

function readDiagnostic(on: DescService | DescMethod, problem: ReadProblem, locate: Locate): Diagnostic {
  const { code, message, option, path } = problem;
  return { code, severity: "error", message, element: fullNameOf(on), option, location: locationOf(on, path, locate) };
}

/** The place is looked up when it is read: most readers ask for the level alone, and places cost an index of the file. */
function originAt(
  setBy: "service" | "method",
  on: DescService | DescMethod,
  option: string,
  set: OptionValue | DeclaredOptions,
  locate: Locate,
): Origin {
  return {
    setBy,
    ...(set instanceof Map ? {} : { value: set }),
    get location() {
      return locationOf(on, fieldNumbersOf(option), locate);
    },
    get annotation() {
      return locationOf(on, [], locate);
    },
  };
}

function listDeclared({ service, options, methods }: DeclaredService, locate: Locate): readonly DeclaredOption[] {
  const list: DeclaredOption[] = [];
  const add = ({ option, path }: OptionLeaf, value: OptionValue, method?: DescMethod): void => {
    list.push({
      option,
      ...(method === undefined ? {} : { method }),
      value,
      get location() {
        return locationOf(method ?? service, path, locate);
      },
    });
  };
  forEachLeaf(options, serviceOptions, add);
  for (const { method, options: own } of methods) {
    forEachLeaf(own, methodOptions, (leaf, value) => add(leaf, value, method));
  }
  return list;
}
