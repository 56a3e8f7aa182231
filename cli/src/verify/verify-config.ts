// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  formatDiagnostic,
  indexMethodConfigs,
  inspectService,
  type ParsedServiceConfig,
  parseServiceConfig,
  type ServiceInspection,
  serviceConfigOf,
} from "@talaria/contract";
import { formatPlace, placeOf } from "../format-place.ts";
import type { ConfigFile } from "../read-config-file.ts";
import { didYouMean } from "../suggest.ts";
import { compareMethodConfigs, type Difference, sameApartFromPlaces } from "./compare-configs.ts";

/** Something that a file says and the `.proto` does not, or the other way round. */
export interface VerifyFinding {
  /** As the user named it, or the folder for a file that is missing. */
  readonly file: string;
  /** The full name of the service, `service/method`, or a place in the file such as `methodConfig[0]`. */
  readonly element: string;
  readonly message: string;
}

/** What is known of the services of the `.proto` files. */
export type Contracts = ReadonlyMap<string, ServiceInspection>;

/** Reads the contracts of services. */
export function readContracts(services: readonly DescService[]): Contracts {
  return new Map(services.map((service) => [service.typeName, inspectService(service)]));
}

/** The services that a config names and that exist. */
export function servicesIn({ methodConfig }: ParsedServiceConfig, contracts: Contracts): readonly string[] {
  const named = methodConfig.flatMap(({ names }) => names.map(({ service }) => service));
  return [...new Set(named)].filter((service) => contracts.has(service));
}

/** Compares what a file says with what the contracts of the services it names say. */
export function verifyConfig(file: ConfigFile, contracts: Contracts): readonly VerifyFinding[] {
  const { config, path } = file;
  const wrong = config.problems.map(({ path: at, message }) => ({ file: withPlace(file, at), element: at, message }));
  const services = servicesIn(config, contracts);
  const strangers = unknownNames(file, contracts);
  const nothing =
    services.length === 0 && strangers.length === 0
      ? [{ file: path, element: "", message: "The file names no service, so there is nothing to hold it to." }]
      : [];
  const differences = services.flatMap((name) => {
    const inspection = contracts.get(name);
    return inspection === undefined ? [] : compareService(path, config, inspection);
  });
  return [...wrong, ...strangers, ...nothing, ...differences];
}

function withPlace({ path, placeOf: placeIn }: ConfigFile, at: string): string {
  return formatPlace({ file: path, ...placeIn(at) });
}

function unknownNames(file: ConfigFile, contracts: Contracts): readonly VerifyFinding[] {
  return file.config.methodConfig
    .flatMap(({ names }) => names)
    .flatMap(({ path, service, method }): readonly VerifyFinding[] => {
      if (service === "") {
        return [];
      }
      const methods = contracts.get(service)?.service.methods.map(({ name }) => name);
      const at = withPlace(file, path);
      if (methods === undefined) {
        const message = `the .proto has no service ${service}.${didYouMean(service, contracts.keys())}`;
        return [{ file: at, element: service, message }];
      }
      return method === "" || methods.includes(method)
        ? []
        : [
            {
              file: at,
              element: `${service}/${method}`,
              message: `the service has no such method.${didYouMean(method, methods)}`,
            },
          ];
    });
}

function compareService(
  file: string,
  config: ParsedServiceConfig,
  inspection: ServiceInspection,
): readonly VerifyFinding[] {
  const { service, contract, annotated } = inspection;
  if (!annotated && inspection.declared.length === 0) {
    return [silentService(file, service)];
  }
  const broken = brokenService(file, inspection);
  if (broken !== undefined) {
    return [broken];
  }
  const expected = parseServiceConfig(serviceConfigOf(contract));
  const [findIn, findExpected] = [indexMethodConfigs(config), indexMethodConfigs(expected)];
  const perMethod = service.methods.flatMap((method) =>
    compareMethodConfigs(findIn(service.typeName, method.name), findExpected(service.typeName, method.name)).map(
      (difference) => ({
        file,
        element: `${service.typeName}/${method.name}`,
        message: describe(difference, inspection, method),
      }),
    ),
  );
  return [...perMethod, ...compareWhole(file, config, expected, inspection)];
}

/** What is wrong with a file about a service that says nothing about clients any more. */
export function silentService(file: string, service: DescService): VerifyFinding {
  const message = `the .proto says nothing about clients of this service (${placeOf(service)}). Remove the file, or annotate the service.`;
  return { file, element: service.typeName, message };
}

/** What is wrong with a file about a service whose contract has an error: nothing can be made of it to compare with. */
export function brokenService(file: string, { service, diagnostics }: ServiceInspection): VerifyFinding | undefined {
  const error = diagnostics.find(({ severity }) => severity === "error");
  return (
    error && {
      file,
      element: service.typeName,
      message: `the contract in the .proto has an error, so that nothing can be held to it: ${formatDiagnostic(error)}`,
    }
  );
}

const shared = [
  { field: "loadBalancing", name: "loadBalancingConfig", option: "load_balancing" },
  { field: "retryThrottling", name: "retryThrottling", option: "retry_throttling" },
  { field: "healthCheckConfig", name: "healthCheckConfig", option: "health_check" },
] as const;

function compareWhole(
  file: string,
  config: ParsedServiceConfig,
  expected: ParsedServiceConfig,
  inspection: ServiceInspection,
): readonly VerifyFinding[] {
  return shared
    .filter(({ field }) => !sameApartFromPlaces(config[field], expected[field]))
    .map(({ field, name, option }) => {
      const difference = { field: name, found: asText(config[field]), expected: asText(expected[field]) };
      const message = sentence(difference, originPlace(inspection, option));
      return { file, element: inspection.service.typeName, message };
    });
}

function asText(value: ParsedServiceConfig[(typeof shared)[number]["field"]]): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  return Array.isArray(value)
    ? value
        .map(
          ({ name, outlierDetection }) =>
            `${name}${outlierDetection === undefined ? "" : ` ${JSON.stringify(outlierDetection)}`}`,
        )
        .join(", ")
    : JSON.stringify(value);
}

const options: ReadonlyMap<string, string> = new Map([
  ["waitForReady", "wait_for_ready"],
  ["retryPolicy", "retry"],
  ["retryPolicy.maxAttempts", "retry.max_attempts"],
  ["retryPolicy.initialBackoff", "retry.initial_backoff_millis"],
  ["retryPolicy.maxBackoff", "retry.max_backoff_millis"],
  ["retryPolicy.backoffMultiplier", "retry.backoff_multiplier"],
  ["retryPolicy.retryableStatusCodes", "retry.retryable_status_codes"],
  ["hedgingPolicy", "hedging"],
  ["hedgingPolicy.maxAttempts", "hedging.max_attempts"],
  ["hedgingPolicy.hedgingDelay", "hedging.hedging_delay_millis"],
  ["hedgingPolicy.nonFatalStatusCodes", "hedging.non_fatal_status_codes"],
]);

function describe(difference: Difference, inspection: ServiceInspection, method: DescMethod): string {
  const streams = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  const timeout = streams ? "stream_max_duration_millis" : "response_timeout_millis";
  const option = difference.field === "timeout" ? timeout : options.get(difference.field);
  return sentence(difference, originPlace(inspection, option, method));
}

function sentence({ field, found, expected }: Difference, place: string): string {
  const left = found === undefined ? `there is no ${field}` : `${field} is ${found}`;
  return `${left}, the .proto says ${expected ?? "none"} (${place})`;
}

/** The line that sets an option, else the element that leaves it out. */
function originPlace(inspection: ServiceInspection, option: string | undefined, method?: DescMethod): string {
  const location = option === undefined ? undefined : inspection.originOf(option, method).location;
  return location === undefined ? placeOf(method ?? inspection.service) : formatPlace(location);
}
