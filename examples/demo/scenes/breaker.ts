// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { isCallError } from "@talaria/runtime";
import {
  createDispatchServiceClient,
  type DispatchServiceClient,
} from "../../../generated/shop/dispatch/v1/dispatch_client.ts";
import { type Check, expectEqual, expectWithin } from "../check.ts";
import type { Scene } from "../scene.ts";
import type { Screen, Tone } from "../screen.ts";
import { startServer } from "../server-process.ts";

/** `circuit_breaker`: a dead server costs its callers a few failures, then next to nothing until it is back. */
export const breaker: Scene = {
  name: "breaker",
  title: "A dead server trips the breaker: calls fail at once, until it is back",
  contract: { file: "examples/shop/proto/shop/dispatch/v1/dispatch.proto", start: "circuit_breaker:" },
  async play(screen) {
    await using server = await startServer("dispatch");
    await using dispatch = createDispatchServiceClient({ target: server.target });
    const log: Outcome[] = [];
    const callUntil = async (isEnough: () => boolean): Promise<void> => {
      for (const startedAtMs = performance.now(); !isEnough(); ) {
        if (performance.now() - startedAtMs > 20_000) {
          throw new Error("the breaker did not get there in 20 s");
        }
        log.push(await assignCourier(dispatch));
        await sleep(50);
      }
    };
    const watch = (work: Promise<void>): Promise<void> => screen.watch(work, () => [`  ${marks(log, screen)}`]);

    screen.print(legend(screen), `  healthy (pid ${server.pid}):`);
    await watch(callUntil(() => log.length === 10));
    const before = log.splice(0);

    await server.kill();
    screen.print(`  kill -9 ${server.pid}:`);
    await watch(callUntil(() => countOf(log, "refused") === 10));
    const dead = log.splice(0);
    screen.print(screen.tint("quiet", `  ${dead.at(-1)?.message}`));

    await using restarted = await server.restart();
    const restartedAtMs = performance.now();
    screen.print(`  restarted (pid ${restarted.pid}):`);
    await watch(callUntil(() => countOf(log, "answered") === 10));
    const healedMs = (log.find(({ kind }) => kind === "answered")?.atMs ?? 0) - restartedAtMs;
    const { attempts } = await restarted.tally("AssignCourier");

    return [
      expectEqual("before: calls that succeed", countOf(before, "answered"), 10),
      ...checksWhileDead(dead),
      expectWithin("server is back: calls succeed after", healedMs / 1000, { max: 12, unit: "s" }),
      expectEqual("attempts at the server by then", attempts, countOf(log, "answered")),
    ];
  },
};

/** How a call ended. */
interface Outcome {
  readonly kind: "answered" | "failed" | "refused";
  readonly message: string;
  readonly tookMs: number;
  readonly atMs: number;
}

function checksWhileDead(dead: readonly Outcome[]): Check[] {
  const refusals = dead.filter(({ kind }) => kind === "refused").map(({ tookMs }) => tookMs);
  const median = refusals.sort((a, b) => a - b)[Math.floor(refusals.length / 2)] ?? Number.POSITIVE_INFINITY;
  return [
    // Ten attempts at three a call: then half of the 20 attempts in the window have failed.
    expectEqual("server is dead: calls that fail first", countOf(dead, "failed"), 4),
    expectWithin("time of a refusal (median)", median, { max: 5, unit: "ms" }),
  ];
}

async function assignCourier(dispatch: DispatchServiceClient): Promise<Outcome> {
  const startedAtMs = performance.now();
  const end = (kind: Outcome["kind"], message: string): Outcome => {
    const atMs = performance.now();
    return { kind, message, tookMs: atMs - startedAtMs, atMs };
  };
  try {
    const { courier } = await dispatch.assignCourier({ orderId: "4711" });
    return end("answered", courier);
  } catch (error) {
    if (!isCallError(error)) {
      throw error;
    }
    return end(error.reason === "circuit_breaker_open" ? "refused" : "failed", error.message);
  }
}

function countOf(log: readonly Outcome[], kind: Outcome["kind"]): number {
  return log.filter((outcome) => outcome.kind === kind).length;
}

const signs: Record<Outcome["kind"], { readonly tone: Tone; readonly text: string }> = {
  answered: { tone: "good", text: "●" },
  failed: { tone: "bad", text: "✗" },
  refused: { tone: "warning", text: "–" },
};

function sign(kind: Outcome["kind"], screen: Screen): string {
  return screen.tint(signs[kind].tone, signs[kind].text);
}

/** A sign for each of the latest calls. */
function marks(log: readonly Outcome[], screen: Screen): string {
  return log
    .slice(-70)
    .map(({ kind }) => sign(kind, screen))
    .join("");
}

function legend(screen: Screen): string {
  return `  ${sign("answered", screen)} answered  ${sign("failed", screen)} failed  ${sign("refused", screen)} refused by the breaker`;
}
