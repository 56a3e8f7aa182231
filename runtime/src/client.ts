// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import type { BoundContract } from "@talaria/contract";
import { type Checks, checkFields, isRecord, kindOf, refuseProblems } from "./check-fields.ts";
import {
  checkContract,
  credentialsCheck,
  extensionChecks,
  identityCheck,
  objectCheck,
  tlsCheck,
} from "./check-options.ts";
import type { ClientExtensions } from "./client-extensions.ts";
import { systemClock, systemRandom } from "./clock.ts";
import { checkCredentials } from "./credentials/authenticate.ts";
import type { CredentialsProvider } from "./credentials/provider.ts";
import { openChannel } from "./grpc-js/channel.ts";
import { canonicalTarget } from "./grpc-js/resolver/canonical-target.ts";
import type { TlsOptions } from "./grpc-js/tls-material.ts";
import { createGrpcWire } from "./grpc-js/wire.ts";
import { createGuardedClient, type ServiceClient } from "./guarded-client.ts";
import { registerClient } from "./introspect.ts";
import { type ContractOverride, overrideContract } from "./override.ts";

/** How a client is opened. What it does with a call is the contract's, not the caller's, to say. */
export interface ClientOptions extends ClientExtensions {
  /** The gRPC name of the callee, e.g. `dns:///orders.shop.svc.cluster.local:50051`. */
  readonly target: string;
  /** What TLS connections are made with. Default: the authorities that Node.js trusts, and no certificate of our own. */
  readonly tls?: TlsOptions;
  /** Values for the placeholders of the server identities that the contract declares, e.g. `{ shard: "7" }`. */
  readonly identity?: Readonly<Record<string, string>>;
  /**
   * Gives the tokens of a contract that demands them (`authentication { scheme: BEARER }`); a client of such a contract
   * cannot be opened without.
   */
  readonly credentials?: CredentialsProvider;
  /** Departs from the contract, for tests and incidents. The departure and its reason are logged as a process warning. */
  readonly override?: ContractOverride;
}

/** How a client of a contract is opened that demands bearer tokens. */
export type AuthenticatedClientOptions = ClientOptions & Required<Pick<ClientOptions, "credentials">>;

/**
 * Opens a client that calls a service the way its contract says. It connects when the first call is made.
 *
 * @throws ConnectError INVALID_ARGUMENT when an option is unusable or unknown; the message says which, and what to write instead.
 */
export function createServiceClient<S extends DescService>(
  contract: BoundContract<S>,
  options: ClientOptions,
): ServiceClient<S> {
  checkContract("createServiceClient", contract);
  const given: unknown = options;
  refuseProblems(
    `a client of ${contract.service} cannot be opened with these options`,
    // A target that is missing is described like one that is wrong; one that a class gives is there as well.
    checkFields(isRecord(given) ? { target: given.target, ...given } : given, "", optionChecks),
  );
  const { target } = options;
  const effective = overrideContract(contract, options.override);
  checkCredentials(effective, options.credentials, options.override?.tokensOverPlaintext ?? false);
  const open = openChannel(effective, options);
  const client = createGuardedClient(effective, {
    wire: createGrpcWire(open),
    target,
    sharedAs: canonicalTarget(target),
    clock: systemClock,
    random: systemRandom,
    credentials: options.credentials,
    extensions: options,
    close: () => open.channel.close(),
  });
  return registerClient(client, open.channel);
}

const optionChecks: Checks<keyof ClientOptions> = {
  ...extensionChecks,
  target(value) {
    const isName = typeof value === "string" && value !== "" && !/^https?:/i.test(value);
    const given = typeof value === "string" ? JSON.stringify(value) : kindOf(value);
    return isName ? undefined : `is no gRPC name: ${given}; write e.g. "dns:///orders.shop.svc.cluster.local:50051"`;
  },
  tls: tlsCheck,
  identity: identityCheck,
  credentials: credentialsCheck,
  override: objectCheck,
};
