// SPDX-License-Identifier: Apache-2.0
import { isCallError } from "@talaria/runtime";
import { createGreetingServiceClient } from "../../../generated/greeting_client.ts";
import { createTestAuthority } from "../../../test/support/certificates.ts";
import { expectEqual } from "../check.ts";
import type { Scene } from "../scene.ts";
import { startServer } from "../server-process.ts";

/** No word of `transport_security`: TLS, and the server must be who the target says. */
export const identity: Scene = {
  name: "identity",
  title: "A server with a good certificate of another name gets no request",
  async play(screen) {
    const authority = await createTestAuthority("Talaria demo authority");
    const tls = await authority.issue([{ type: "dns", value: "kitchen.shop.example" }]);
    await using server = await startServer("greeting", { tls });
    await using greeting = createGreetingServiceClient({
      target: `dns:///localhost:${server.port}`,
      tls: { ca: authority.ca },
    });
    const error = await greeting.hello({ name: "Ada" }).then(
      () => "no error",
      (failure: unknown) => failure,
    );
    screen.print(screen.tint("bad", `  ${error instanceof Error ? error.message : error}`));
    const { attempts } = await server.tally("hello");
    return [
      expectEqual("the call fails with", isCallError(error) ? error.reason : String(error), "identity_mismatch"),
      expectEqual("requests at the server", attempts, 0),
    ];
  },
};
