// SPDX-License-Identifier: Apache-2.0
import { isCallError } from "@talaria/runtime";
import { createGreetingServiceClient, type GreetingServiceClient } from "../../../generated/greeting_client.ts";
import { createTestAuthority } from "../../../test/support/certificates.ts";
import { type Check, expectEqual, expectWithin } from "../check.ts";
import { poll } from "../poll.ts";
import type { Scene } from "../scene.ts";
import { bar, type Screen } from "../screen.ts";
import { type ServerProcess, startServer } from "../server-process.ts";

/** `response_timeout_millis = 800`: nobody waits longer for a greeting, and the server is told. */
export const deadline: Scene = {
  name: "deadline",
  title: "A server that takes 5 s is cut at the contract's deadline of 800 ms, over TLS",
  contract: { file: "examples/greeting/proto/greeting.proto", start: "option (service_client" },
  async play(screen) {
    // The contract of the greeting says nothing of transport security, so it is TLS, and the certificate is checked.
    const authority = await createTestAuthority("Talaria demo authority");
    const tls = await authority.issue([{ type: "dns", value: "localhost" }]);
    await using server = await startServer("greeting", { behaviour: "slow", tls });
    await using greeting = createGreetingServiceClient({
      target: `dns:///localhost:${server.port}`,
      tls: { ca: authority.ca },
    });

    const waits = [
      await waitForHello(greeting, server, screen),
      await waitForHello(greeting, server, screen, 3000),
      await waitForHello(greeting, server, screen, 300),
    ] as const;
    const { cut } = await poll(
      "the server to stop",
      () => server.tally("hello"),
      (tally) => tally.cut === waits.length,
    );
    screen.print(screen.tint("quiet", `  the server stopped working on ${cut} of ${waits.length} calls`));
    return checks(waits);
  },
};

/** How a call ended. */
interface Wait {
  readonly reason: string;
  /** How long the caller waited. */
  readonly waitedMs: number;
  /** How long the server was told it had. */
  readonly toldMs: number;
}

function checks([plain, patient, hasty]: readonly [Wait, Wait, Wait]): Check[] {
  const reasons = [plain, patient, hasty].map(({ reason }) => reason);
  return [
    expectEqual("all three calls fail with", [...new Set(reasons)].join(), "deadline_exceeded"),
    expectWithin("caller waits", plain.waitedMs, { min: 790, max: 1200, unit: "ms" }),
    // Connecting takes its part of the 800 ms.
    expectWithin("server is told", plain.toldMs, { min: 200, max: 800, unit: "ms" }),
    expectWithin("caller would wait 3000 ms, waits", patient.waitedMs, { min: 790, max: 1200, unit: "ms" }),
    expectWithin("caller would wait 300 ms, waits", hasty.waitedMs, { min: 290, max: 700, unit: "ms" }),
  ];
}

async function waitForHello(
  greeting: GreetingServiceClient,
  server: ServerProcess,
  screen: Screen,
  timeoutMs?: number,
): Promise<Wait> {
  const startedAtMs = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startedAtMs);
  let end: { reason: string; waitedMs: number } | undefined;
  const call = greeting.hello({ name: "Ada" }, timeoutMs === undefined ? {} : { timeoutMs }).then(
    () => "an answer",
    (error: unknown) => (isCallError(error) ? error.reason : String(error)),
  );
  const ended = await screen.watch(
    call.then((reason) => {
      end = { reason, waitedMs: elapsedMs() };
      return end;
    }),
    () => {
      const name = `hello(${timeoutMs === undefined ? "" : `timeoutMs: ${timeoutMs}`})`;
      const text = end === undefined ? `${elapsedMs()} ms` : `${end.reason} after ${end.waitedMs} ms`;
      return [`  ${name.padEnd(22)} ${screen.tint("warning", bar(elapsedMs(), 1000, 20).padEnd(20))} ${text}`];
    },
  );
  const { deadlineMs = 0 } = await server.tally("hello");
  return { ...ended, toldMs: Math.round(deadlineMs) };
}
