// SPDX-License-Identifier: Apache-2.0
import { respondsWithStream } from "./method-kind.ts";
import type { MethodPolicy, ServiceContract } from "./policy.ts";
import { attemptTimeoutMs } from "./retry-plan.ts";

/** Something in a contract that gRPC service config has no words for. */
export interface NotExpressible {
  /** The option or the group, as the `.proto` names it. */
  readonly option: string;
  /** The methods it concerns. Absent: the whole service. */
  readonly methods?: readonly string[];
  /** What a client that has only the service config does instead, or who must take care of it. */
  readonly instead: string;
}

/**
 * Lists what `serviceConfigOf` has to leave out of a contract, so that it is not lost in silence: a client in another
 * language that obeys the service config still differs in these points.
 */
export function notExpressible(contract: ServiceContract): readonly NotExpressible[] {
  const perMethod = methodRules.flatMap(({ option, applies, instead }): NotExpressible[] => {
    const methods = contract.methods.filter(applies).map((policy) => policy.name);
    return methods.length === 0 ? [] : [{ option, methods, instead }];
  });
  const perService = serviceRules
    .filter(({ applies }) => applies(contract))
    .map(({ option, instead }): NotExpressible => ({ option, instead }));
  return [...perMethod, ...perService];
}

interface Rule<T> {
  readonly option: string;
  readonly applies: (subject: T) => boolean;
  readonly instead: string;
}

/** What every gRPC implementation does: gRFC A6 fixes it. */
const jitterOfGrpc = 0.2;

const methodRules: readonly Rule<MethodPolicy>[] = [
  {
    option: "response_timeout_millis",
    applies: ({ kind, responseTimeoutMs }) => respondsWithStream(kind) && responseTimeoutMs !== undefined,
    instead: "The first message of the stream may take as long as it likes.",
  },
  {
    option: "stream_idle_timeout_millis",
    applies: ({ streamIdleTimeoutMs }) => streamIdleTimeoutMs !== undefined,
    instead: "A stream may fall silent for as long as it likes.",
  },
  {
    option: "retry.per_attempt_timeout_millis",
    applies: ({ retry }) => attemptTimeoutMs(retry) !== undefined,
    instead: "One slow attempt uses up the time of the whole call.",
  },
  {
    option: "retry.backoff_jitter",
    applies: (policy) => retries(policy) && policy.retry?.backoffJitter !== jitterOfGrpc,
    instead: "Delays vary by 20 %.",
  },
  {
    option: "retry.retryable_status_codes",
    applies: (policy) =>
      retries(policy) &&
      policy.idempotencyLevel === "IDEMPOTENCY_UNKNOWN" &&
      policy.retry?.retryableStatusCodes.includes("UNAVAILABLE") === true,
    instead: "A lost connection counts as UNAVAILABLE, so a call that the server may have executed is made again.",
  },
  {
    option: "circuit_breaker",
    applies: ({ circuitBreaker }) => circuitBreaker?.enabled === true,
    instead: "Calls go on while the service fails.",
  },
  {
    option: "max_concurrent_requests",
    applies: ({ maxConcurrentRequests }) => maxConcurrentRequests !== undefined,
    instead: "Any number of calls may be in flight.",
  },
  {
    option: "authentication",
    applies: ({ authentication }) => authentication !== undefined && authentication.scheme !== "NONE",
    instead: "The application attaches credentials itself.",
  },
  {
    option: "required_headers",
    applies: ({ requiredHeaders }) => requiredHeaders.length > 0,
    instead: "The application adds the headers itself.",
  },
];

const serviceRules: readonly Rule<ServiceContract>[] = [
  {
    option: "health_check",
    applies: ({ healthCheck, loadBalancing }) => healthCheck !== undefined && loadBalancing.policy === "PICK_FIRST",
    instead: "pick_first does not watch health (gRFC A17).",
  },
  {
    option: "keepalive",
    applies: () => true,
    instead: "Pings are set by channel and server options; the defaults send none.",
  },
  {
    option: "transport_security",
    applies: () => true,
    instead: "Channel credentials decide how the connection is secured and whose certificate is accepted.",
  },
  {
    option: "connection",
    applies: () => true,
    instead: "Channel and server options decide how long connections may take to open, and how long they live.",
  },
  {
    option: "name_resolution",
    applies: () => true,
    instead: "Each client refreshes addresses in its own way, most of them only when a connection breaks.",
  },
  { option: "drain", applies: ({ drain }) => drain !== undefined, instead: "The server sees to it; clients need not." },
];

function retries({ retry }: MethodPolicy): boolean {
  return retry !== undefined && retry.maxAttempts > 1;
}
