// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import type { BoundContract } from "@talaria/contract";
import type { ClientExtensions } from "../client-extensions.ts";
import type { Random } from "../clock.ts";
import type { CredentialsProvider } from "../credentials/provider.ts";
import { createGuardedClient, type ServiceClient } from "../guarded-client.ts";
import { ScriptedServer } from "./scripted-server.ts";
import type { ServiceScript } from "./service-script.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** How a scripted client is opened: with what watches and wraps the calls of the real one, too. */
export interface ScriptedClientOptions extends ClientExtensions {
  /** Clients of the same target share breakers, throttles and limits. Default: nobody shares with this client. */
  readonly target?: string;
  /** The clock that client and server go by. Default: one of their own, at 0. */
  readonly clock?: VirtualClock;
  /** Draws from [0, 1) that vary delays. Default: always 0.5, which varies nothing. */
  readonly random?: Random;
  /** Gives the tokens of a contract that demands them; they come to the scripted server. Default: calls carry none. */
  readonly credentials?: CredentialsProvider;
}

/** A client, the server that it calls, and the clock of both. */
export interface ScriptedClient<S extends DescService> extends AsyncDisposable {
  /** The client as the application has it, with every policy of its contract at work. */
  readonly client: ServiceClient<S>;
  /** What the client calls: it does what the script says, and notes what it saw. */
  readonly server: ScriptedServer<S>;
  /** Time passes when a test says so. */
  readonly clock: VirtualClock;
}

/**
 * Opens a client whose server does what a script says, so that an application can test how it copes. The policies of the
 * contract are at work as in production: deadlines, retries, hedging, breaker, limits. Nothing goes over a network, and
 * time is virtual: an hour passes at once.
 *
 * ```ts
 * import { Code } from "@connectrpc/connect";
 * import { isCallError } from "@talaria/runtime";
 * import { fail, openScriptedClient, reply, staySilent } from "@talaria/runtime/testing";
 *
 * await using scripted = openScriptedClient(greetingServiceContract, {
 *   hello: [reply({ greeting: "Hello, Ada!" }, { delayMs: 20 }), fail(Code.NotFound), staySilent()],
 * });
 * const { client, server, clock } = scripted;
 *
 * async function greet(name: string): Promise<string> {
 *   try {
 *     return (await client.hello({ name })).greeting;
 *   } catch (error) {
 *     return isCallError(error, "deadline_exceeded") ? "Hello, whoever you are!" : "No hello today.";
 *   }
 * }
 *
 * assert.equal(await clock.until(greet("Ada")), "Hello, Ada!");
 * assert.equal(await clock.until(greet("Bob")), "No hello today.");
 * assert.equal(await clock.until(greet("Eve")), "Hello, whoever you are!");
 * assert.equal(clock.nowMs(), 20 + 800);
 * assert.deepEqual(server.attemptsOf("hello").map(({ messages: [request] }) => request?.name), ["Ada", "Bob", "Eve"]);
 * ```
 *
 * @param contract The contract of the service, as it is generated beside the client.
 * @param script What happens to the attempts of each method.
 */
export function openScriptedClient<S extends DescService>(
  contract: BoundContract<S>,
  script: ServiceScript<S>,
  options: ScriptedClientOptions = {},
): ScriptedClient<S> {
  const { target = nextTarget(), clock = new VirtualClock(), random = () => 0.5, credentials } = options;
  const server = new ScriptedServer<S>(script, clock);
  const client = createGuardedClient(contract, {
    wire: server,
    target,
    clock,
    random,
    credentials,
    extensions: options,
    close: () => undefined,
  });
  return {
    client,
    server,
    clock,
    async [Symbol.asyncDispose]() {
      server.stop();
      await clock.until(client[Symbol.asyncDispose]());
    },
  };
}

let opened = 0;

function nextTarget(): string {
  opened += 1;
  return `scripted:${opened}`;
}
