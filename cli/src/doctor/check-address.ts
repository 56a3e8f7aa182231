// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Address, formatAddress } from "@talaria/runtime/diagnose";
import { type Budget, NotInTime } from "./budget.ts";
import { type Check, checkOf, type Finding, type Step } from "./check.ts";
import { checkIdentity, checkTls } from "./check-certificate.ts";
import { checkContract } from "./check-contract.ts";
import { checkHealth } from "./check-health.ts";
import { checkKeepalive } from "./check-keepalive.ts";
import { checkSocket } from "./check-sockets.ts";
import type { DoctorPlan } from "./doctor-plan.ts";
import { explainFailure, hintFor } from "./explain-failure.ts";
import type { GrpcPeer } from "./grpc-call.ts";
import { type OpenSession, openHttp2, openTcp, openTls } from "./open-connection.ts";
import { sayTime } from "./say-duration.ts";

/** Connects to one server and looks at it, step by step, as far as a client would get. */
export async function checkAddress(address: Address, plan: DoctorPlan, budget: Budget): Promise<readonly Check[]> {
  using scope = new DisposableStack();
  const visit = new Visit(formatAddress(address), plan, budget, scope);
  await visit.run(address);
  return visit.checks;
}

/** What is known of one server so far. */
class Visit {
  readonly checks: Check[] = [];
  readonly #name: string;
  readonly #plan: DoctorPlan;
  readonly #budget: Budget;
  /** TCP, TLS and HTTP/2 together, as a client limits them. */
  readonly #connecting: Budget;
  readonly #scope: DisposableStack;

  constructor(name: string, plan: DoctorPlan, budget: Budget, scope: DisposableStack) {
    this.#name = name;
    this.#plan = plan;
    this.#budget = budget;
    this.#connecting = budget.within(plan.connectTimeoutMs);
    this.#scope = scope;
  }

  async run(address: Address): Promise<void> {
    const tcp = await this.#openTcp(address);
    const socket = tcp && (await this.#secure(tcp));
    const open = socket && (await this.#openHttp2(socket));
    if (open !== undefined) {
      await this.#ask(open);
    }
    if (tcp?.destroyed === false) {
      this.#add("socket", checkSocket(tcp));
    }
  }

  async #openTcp(address: Address): Promise<Socket | undefined> {
    return this.#connect("tcp", false, async (startedMs) => {
      const socket = await openTcp(address, this.#connecting, this.#scope);
      const local = socket.localAddress ?? "";
      const finding = { verdict: "ok", message: `connected from ${local}`, data: { localAddress: local } } as const;
      this.#add("tcp", { ...finding, elapsedMs: performance.now() - startedMs });
      return socket;
    });
  }

  async #secure(tcp: Socket): Promise<Socket | undefined> {
    const { security, expected } = this.#plan;
    if (security.kind === "plaintext") {
      this.#add("tls", checkPlaintext(this.#plan));
      return tcp;
    }
    const secured: TLSSocket | undefined = await this.#connect("tls", true, async (startedMs) => {
      const socket = await openTls(tcp, security, this.#connecting, this.#scope);
      this.#add("tls", { ...checkTls(socket, security, expected), elapsedMs: performance.now() - startedMs });
      this.#add("identity", checkIdentity(socket, security));
      return socket;
    });
    const refused = this.checks.some(({ verdict }) => verdict === "problem");
    if (secured !== undefined && refused) {
      this.#add("http2", { verdict: "skipped", message: "a client would leave here, and so does the doctor" });
    }
    return refused ? undefined : secured;
  }

  async #openHttp2(socket: Socket): Promise<OpenSession | undefined> {
    const isTls = this.#plan.security.kind === "tls";
    return this.#connect("http2", isTls, async (startedMs) => {
      const open = await openHttp2(socket, this.#plan.authority, this.#connecting, this.#scope);
      const { maxConcurrentStreams, initialWindowSize, maxFrameSize, maxHeaderListSize } = open.settings;
      const limit = maxConcurrentStreams === undefined || maxConcurrentStreams >= 2 ** 32 - 1;
      this.#add("http2", {
        verdict: maxConcurrentStreams === 0 ? "problem" : "ok",
        message:
          `${limit ? "no limit to" : `at most ${maxConcurrentStreams}`} calls at once, ` +
          `window ${initialWindowSize} B, frames of ${maxFrameSize} B`,
        elapsedMs: performance.now() - startedMs,
        data: {
          maxConcurrentStreams: limit ? null : maxConcurrentStreams,
          initialWindowSize,
          maxFrameSize,
          maxHeaderListSize,
        },
      });
      return open;
    });
  }

  async #connect<T>(
    step: "tcp" | "tls" | "http2",
    isTls: boolean,
    open: (startedMs: number) => Promise<T>,
  ): Promise<T | undefined> {
    const startedMs = performance.now();
    try {
      return await open(startedMs);
    } catch (error) {
      const message = explainFailure(error, step);
      const elapsedMs = performance.now() - startedMs;
      this.#add(step, { verdict: "problem", message, elapsedMs, details: hintFor(message, step, isTls) });
      return undefined;
    }
  }

  async #ask({ session }: OpenSession): Promise<void> {
    const { authority, security, token } = this.#plan;
    const scheme = security.kind === "tls" ? "https" : "http";
    const peer: GrpcPeer = { session, authority, scheme, token, budget: this.#budget };
    for (const [step, check] of [
      ["health", checkHealth],
      ["contract", checkContract],
      ["keepalive", checkKeepalive],
    ] as const) {
      this.#add(step, await attempt(() => check(this.#plan, peer)));
    }
  }

  #add(step: Step, finding: Finding): void {
    this.checks.push(checkOf(step, this.#name, finding));
  }
}

function checkPlaintext({ expected, token }: DoctorPlan): Finding {
  const mode = expected?.contract.transportSecurity.mode;
  const isMeant = mode === undefined || mode === "PLAINTEXT";
  const told = isMeant ? "no TLS: plaintext" : `no TLS: --plaintext, although the contract demands ${mode}`;
  return token === undefined
    ? { verdict: isMeant ? "skipped" : "warning", message: told }
    : { verdict: "warning", message: `${told}; the token is sent in the clear` };
}

/** What fails on an open connection is a finding. */
async function attempt(check: () => Promise<Finding>): Promise<Finding> {
  const startedMs = performance.now();
  try {
    return await check();
  } catch (error) {
    const elapsedMs = performance.now() - startedMs;
    if (error instanceof NotInTime) {
      return { verdict: "problem", message: `no answer within ${sayTime(Math.round(error.limitMs))}`, elapsedMs };
    }
    if (!(error instanceof Error) || error.name === "AbortError") {
      throw error;
    }
    return { verdict: "problem", message: error.message, elapsedMs };
  }
}
