// SPDX-License-Identifier: Apache-2.0
import type { Arguments, Surroundings } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import { plainLine } from "../terminal/one-line.ts";
import { paintFor } from "../terminal/paint.ts";
import { withProgress } from "../terminal/progress.ts";
import { Budget } from "./budget.ts";
import { type Check, checkOf, worstOf } from "./check.ts";
import { checkAddress } from "./check-address.ts";
import { checkProcess } from "./check-sockets.ts";
import type { DoctorPlan } from "./doctor-plan.ts";
import { formatCheck, formatEnd, formatStart } from "./format-checks.ts";
import { readPlan } from "./read-plan.ts";
import { resolveTarget } from "./resolve-target.ts";
import { withoutToken } from "./without-token.ts";

/** Runs `talaria doctor`. */
export async function runDoctor(args: Arguments, surroundings: Surroundings): Promise<ExitCode> {
  const plan = await readPlan(args, surroundings);
  const startedMs = performance.now();
  const asJson = args.values.get("format") === "json";
  const paint = paintFor(surroundings);
  const checks: Check[] = [];
  if (!asJson) {
    surroundings.writeOutput(formatStart(plan, paint));
  }
  if (plan.token !== undefined && plan.security.kind === "plaintext") {
    surroundings.writeMessage(
      `talaria: WARNING: the token is sent to ${plainLine(plan.target)} without TLS. Everybody on the way can read it: do not use it again.\n`,
    );
  }
  for await (const found of examine(plan, surroundings)) {
    const check = withoutToken(found, plan.token);
    if (!asJson) {
      surroundings.writeOutput(formatCheck(check, checks.at(-1), paint));
    }
    checks.push(check);
  }
  const elapsedMs = performance.now() - startedMs;
  const verdict = worstOf(checks.map((check) => check.verdict));
  if (asJson) {
    const { target, service = null } = plan;
    const report = { target, service, verdict, elapsedMs: Math.round(elapsedMs * 10) / 10, checks };
    surroundings.writeOutput(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    surroundings.writeOutput(formatEnd(checks, elapsedMs, paint));
  }
  return verdict === "problem" ? 1 : 0;
}

/** A service with hundreds of servers is not to be met by hundreds of new clients. */
const mostAtOnce = 32;

/** Makes the checks, at up to so many servers at once, and hands them out in order. */
async function* examine(plan: DoctorPlan, surroundings: Surroundings): AsyncGenerator<Check> {
  const budget = new Budget(plan.timeoutMs, surroundings.signal);
  const { finding, addresses } = await withProgress(surroundings, `resolving ${plan.target}`, () =>
    resolveTarget(plan, budget),
  );
  yield checkOf("resolve", undefined, finding);
  // Servers that have to wait for others to be probed are probed as long.
  const probeMs = (plan.keepaliveProbeMs ?? 0) * Math.ceil(addresses.length / mostAtOnce);
  const visiting = budget.longer(probeMs);
  const visits: Promise<readonly Check[]>[] = [];
  const startNext = (): void => {
    const address = addresses[visits.length];
    if (address !== undefined) {
      const visit = checkAddress(address, plan, visiting);
      visits.push(visit);
      // All are awaited below, one after the other: what fails meanwhile is met then.
      visit.then(startNext, startNext);
    }
  };
  for (let count = 0; count < mostAtOnce; count += 1) {
    startNext();
  }
  for (const index of addresses.keys()) {
    yield* await withProgress(surroundings, `asking ${plan.target}`, async () => (await visits[index]) ?? []);
  }
  if (plan.pid !== undefined) {
    yield checkOf("process", undefined, checkProcess(plan.pid, addresses));
  }
}
