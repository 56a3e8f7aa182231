// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { type Checks, checkFields, refuseProblems } from "./check-fields.ts";
import { credentialsCheck, extensionChecks } from "./check-options.ts";
import { type ClientExtensions, setProcessExtensions } from "./client-extensions.ts";
import type { CredentialsProvider } from "./credentials/provider.ts";
import type { Overrides } from "./overrides/overrides.ts";
import { setOverrides } from "./overrides/process-overrides.ts";

/** What an organisation wants of every client of a process. */
export interface TalariaConfiguration extends ClientExtensions {
  /** Gives the tokens of clients that are opened with `credentials: processCredentials`. Default: none. */
  readonly credentials?: CredentialsProvider;
  /** Departures from contracts, as `setOverrides` takes them. */
  readonly overrides?: Overrides;
}

const optionChecks: Checks<keyof TalariaConfiguration> = {
  ...extensionChecks,
  credentials: credentialsCheck,
  // They say themselves what is wrong with them.
  overrides: () => undefined,
};

let configuration: TalariaConfiguration = {};
let headers: readonly string[] = [];

/**
 * Configures the clients of this process, once, before or after they are opened. What is left out has its default: a second
 * configuration replaces the first as a whole. Only overrides stay until others, or `setOverrides(undefined)`, replace them.
 *
 * @throws ConnectError INVALID_ARGUMENT naming what is wrong; then nothing changes.
 */
export function configureTalaria(options: TalariaConfiguration): void {
  refuseProblems("configureTalaria cannot use these options", checkFields(options, "", optionChecks));
  if (options.overrides !== undefined) {
    setOverrides(options.overrides);
  }
  configuration = options;
  headers = [...(options.headers ?? [])];
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

/** The headers that the calls of the process pass on from their scopes. */
export function propagatedHeaders(): readonly string[] {
  return headers;
}
