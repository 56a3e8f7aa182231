// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import type { BoundContract } from "@talaria/contract";
import { type Checks, checkFields, kindOf, refuseProblems } from "./check-fields.ts";
import { checkContract, credentialsCheck, extensionChecks, optionalText } from "./check-options.ts";
import type { ClientExtensions } from "./client-extensions.ts";
import { systemClock, systemRandom } from "./clock.ts";
import { createConnectWire } from "./connect/wire.ts";
import { checkCredentials } from "./credentials/authenticate.ts";
import type { CredentialsProvider } from "./credentials/provider.ts";
import { canonicalTarget } from "./grpc-js/resolver/canonical-target.ts";
import { createGuardedClient, type ServiceClient } from "./guarded-client.ts";

/** How a transport is guarded. */
export interface GuardOptions extends ClientExtensions {
  /**
   * What the transport leads to, e.g. `dns:///orders:50051`. All clients of the same target share breakers, throttles and limits,
   * however each writes it. Default: each transport is a target of its own.
   */
  readonly target?: string;
  /** Gives the tokens of a contract that demands them. Whether they are sent in the clear is the transport's affair. */
  readonly credentials?: CredentialsProvider;
}

/**
 * Makes a client of a service over a Connect transport, of connect-node, connect-web or your own, whose calls go through the
 * policies of its contract. Of the contract's connection facts (balancing, keepalive, TLS) it knows nothing: those are the
 * transport's, and so is connecting, for which `wait_for_ready` does not wait here. The transport must not retry by itself, or
 * attempts multiply. It is told how long each attempt may take and when one is cancelled; calls end in time even if it ignores
 * both. Closing the client leaves the transport open.
 *
 * ```ts
 * const orders = guard(createConnectTransport({ baseUrl }), orderServiceContract);
 * ```
 *
 * @throws ConnectError INVALID_ARGUMENT when an option is unusable or unknown; the message says which, and what to write instead.
 */
export function guard<S extends DescService>(
  transport: Transport,
  contract: BoundContract<S>,
  options: GuardOptions = {},
): ServiceClient<S> {
  if (typeof transport?.unary !== "function") {
    throw new ConnectError(
      `guard() needs a Connect transport and was given ${kindOf(transport)}: write guard(createGrpcTransport({ baseUrl }), contract)`,
      Code.InvalidArgument,
    );
  }
  checkContract("guard", contract);
  refuseProblems(`a transport cannot be guarded with these options`, checkFields(options, "", optionChecks));
  checkCredentials(contract, options.credentials, true);
  const target = options.target ?? ownTarget(transport);
  return createGuardedClient(contract, {
    wire: createConnectWire(transport, systemClock),
    target,
    sharedAs: canonicalTarget(target),
    clock: systemClock,
    random: systemRandom,
    credentials: options.credentials,
    extensions: options,
    close: () => undefined,
  });
}

const optionChecks: Checks<keyof GuardOptions> = {
  ...extensionChecks,
  target: optionalText,
  credentials: credentialsCheck,
};

const ownTargets = new WeakMap<Transport, string>();
let transports = 0;

function ownTarget(transport: Transport): string {
  let target = ownTargets.get(transport);
  if (target === undefined) {
    transports += 1;
    target = `transport ${transports}`;
    ownTargets.set(transport, target);
  }
  return target;
}
