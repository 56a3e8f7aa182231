// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { type Checks, checkFields, kindOf, listOf, optional, refuseProblems } from "./check-fields.ts";
import { credentialsCheck, extensionChecks } from "./check-options.ts";
import { type ClientExtensions, setProcessExtensions } from "./client-extensions.ts";
import type { CredentialsProvider } from "./credentials/provider.ts";
import type { Overrides } from "./overrides/overrides.ts";
import { setOverrides } from "./overrides/process-overrides.ts";

/** What an organisation wants of every client of a process. */
export interface TalariaConfiguration extends ClientExtensions {
  /**
   * Lower-case names of the context headers that calls pass on from the scope they are made in, beside those that a contract
   * requires. Never `authorization`, `grpc-*` or hop-by-hop headers; W3C trace context is left to OpenTelemetry.
   * Default: none.
   */
  readonly headers?: readonly string[];
  /** Gives the tokens of clients that are opened with `credentials: processCredentials`. Default: none. */
  readonly credentials?: CredentialsProvider;
  /** Departures from contracts, as `setOverrides` takes them. */
  readonly overrides?: Overrides;
}

const optionChecks: Checks<keyof TalariaConfiguration> = {
  ...extensionChecks,
  headers: optional(listOf("names of headers", headerProblem)),
  credentials: credentialsCheck,
  // They say themselves what is wrong with them.
  overrides: () => undefined,
};

let configuration: TalariaConfiguration = {};

/**
 * Configures the clients of this process, once, before or after they are opened. What is left out keeps its default.
 *
 * @throws ConnectError INVALID_ARGUMENT naming what is wrong; then nothing changes.
 */
export function configureTalaria(options: TalariaConfiguration): void {
  refuseProblems("configureTalaria cannot use these options", checkFields(options, "", optionChecks));
  if (options.overrides !== undefined) {
    setOverrides(options.overrides);
  }
  configuration = options;
  setProcessExtensions(options);
}

/** The credentials of the process, as `configureTalaria` was told, for every client that is opened with them. */
export const processCredentials: CredentialsProvider = {
  token(request) {
    if (configuration.credentials === undefined) {
      throw new ConnectError("configureTalaria was not told of any credentials", Code.Unauthenticated);
    }
    return configuration.credentials.token(request);
  },
};

/** The headers that every call passes on from its scope. */
export function propagatedHeaders(): readonly string[] {
  return configuration.headers ?? none;
}

const none: readonly string[] = [];

const hopByHop = new Set([
  "connection",
  "content-length",
  "content-type",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);

function headerProblem(name: unknown): string | undefined {
  if (typeof name !== "string" || !/^[a-z0-9_.-]+$/.test(name)) {
    return `must be the lower-case name of a header, not ${typeof name === "string" ? JSON.stringify(name) : kindOf(name)}`;
  }
  const problem = unsuitability(name);
  return problem && `is "${name}", which cannot be passed on: ${problem}`;
}

function unsuitability(name: string): string | undefined {
  if (name === "authorization" || name === "cookie") {
    return "credentials belong to one hop; give the client a credentials provider";
  }
  if (name === "traceparent" || name === "tracestate" || name === "baggage") {
    return "trace context is passed on by OpenTelemetry";
  }
  return name.startsWith("grpc-") || hopByHop.has(name) ? "it belongs to the protocol" : undefined;
}
