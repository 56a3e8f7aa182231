// SPDX-License-Identifier: Apache-2.0

/** Services of one file. */
const servicesPerFile = 3;

/**
 * Writes a large module: three services a file, ten methods to three services, messages of their own for each method,
 * comments on everything, and every option that the generator accepts, with other values everywhere. The same number
 * gives the same texts.
 */
export function writeModule(services: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let start = 0; start < services; start += servicesPerFile) {
    const number = start / servicesPerFile;
    const [area, team] = [`area${number % 20}`, `team${Math.floor(number / 20)}`];
    files[`shop/${area}/${team}/v1/orders.proto`] = writeFile(`shop.${area}.${team}.v1`, start, services);
  }
  return files;
}

function writeFile(prefix: string, start: number, services: number): string {
  const count = Math.min(servicesPerFile, services - start);
  const parts = Array.from({ length: count }, (_, index) => {
    const name = `Order${["Query", "Command", "Report"][index]}Service`;
    return writeService(name, index === 0 ? 4 : 3, createRandom(start + index + 1));
  });
  return `// Copyright of the shop. All rights reserved.

syntax = "proto3";

// What ${prefix} offers to the rest of the shop.
package ${prefix};

import "service_client_config.proto";

${parts.join("\n")}
// A line of an order.
message Line {
  // The number in the catalogue.
  string article = 1;
  // How many of it.
  int32 quantity = 2;
  // What one costs, in cents.
  int64 price_cents = 3;
}
`;
}

function writeService(name: string, methods: number, random: Random): string {
  const mode = random.pick("TLS", "MUTUAL_TLS", "PLAINTEXT");
  const parts = Array.from({ length: methods }, (_, index) => writeMethod(name, index, mode, random));
  return `// ${name} is what other teams see of orders. It is safe to call from several threads.
//
// Ask the team before you depend on more than this page says.
service ${name} {
  option (service_client.client_config) = ${aggregate(serviceOptions(random, mode, methods), "  ")};
${parts.map(({ method }) => method).join("")}}

${parts.map(({ messages }) => messages).join("\n")}`;
}

const verbs = ["Get", "List", "Place", "Watch"] as const;

function writeMethod(
  service: string,
  index: number,
  mode: string,
  random: Random,
): { method: string; messages: string } {
  const name = `${verbs[index]}${service.replace("Service", "")}`;
  const streams = verbs[index] === "Watch";
  const idempotent = index < 2;
  const options = random.chance(0.6)
    ? methodOptions(random, { streams, idempotent, secure: mode !== "PLAINTEXT" })
    : {};
  const config =
    Object.keys(options).length === 0
      ? ""
      : `    option (service_client.method_config) = ${aggregate(options, "    ")};\n`;
  const idempotency = idempotent ? "    option idempotency_level = NO_SIDE_EFFECTS;\n" : "";
  return {
    method: `
  // ${name} does what its name says, and answers with all that is known.
  rpc ${name}(${name}Request) returns (${streams ? "stream " : ""}${name}Response) {
${idempotency}${config}  }
`,
    messages: `${writeMessage(`${name}Request`)}\n${writeMessage(`${name}Response`)}`,
  };
}

function writeMessage(name: string): string {
  return `// ${name} goes over the wire.
message ${name} {
  // What the order is called everywhere.
  string order_id = 1;
  // Who placed it.
  string customer = 2;
  // What was ordered.
  repeated Line lines = 3;
}
`;
}

type Options = { readonly [name: string]: string | number | boolean | Options };

function serviceOptions(random: Random, mode: string, methods: number): Options {
  return {
    ...commonOptions(random),
    circuit_breaker: { ...breakerOptions(random), scope: random.pick("METHOD", "SERVICE") },
    retry: retryOptions(random),
    ...(methods === verbs.length ? streamOptions(random) : {}),
    retry_throttling: { max_tokens: random.between(10, 1000), token_ratio: random.between(1, 9) / 10 },
    ...connectionOptions(random, mode),
    ...(random.chance(0.3) ? { health_check: { service_name: quote("orders.Readiness") } } : {}),
    ...(random.chance(0.3)
      ? { drain: { notice_millis: random.between(10, 40) * 1000, grace_millis: random.between(10, 60) * 1000 } }
      : {}),
  };
}

/** What only a service says. Identities, tokens and certificates need a connection that has them. */
function connectionOptions(random: Random, mode: string): Options {
  const keepaliveMs = random.between(60, 400) * 1000;
  const identity = random.pick("orders.shop.example", "{shard}.orders.shop.example", "spiffe://shop.example/orders");
  return {
    load_balancing: random.chance(0.3) ? { policy: "PICK_FIRST" } : balancingOptions(random),
    keepalive: {
      time_millis: keepaliveMs,
      timeout_millis: random.between(5, 30) * 1000,
      permit_without_calls: random.chance(0.5),
      server_min_time_millis: keepaliveMs,
    },
    transport_security: { mode, ...(mode === "PLAINTEXT" ? {} : { server_identity: `[${quote(identity)}]` }) },
    connection: {
      connect_timeout_millis: random.between(1000, 9000),
      max_age_millis: random.between(100, 900) * 1000,
      max_age_grace_millis: random.between(10, 60) * 1000,
      max_idle_millis: random.between(100, 900) * 1000,
    },
    name_resolution: {
      min_ttl_millis: random.between(500, 5000),
      max_ttl_millis: random.between(10, 60) * 1000,
      failure_backoff_initial_millis: random.between(200, 2000),
      failure_backoff_max_millis: random.between(10, 60) * 1000,
    },
    authentication: authenticationOptions(random, mode),
  };
}

function authenticationOptions(random: Random, mode: string): Options {
  switch (mode) {
    case "TLS":
      return { scheme: "BEARER", audience: quote(`orders-${random.between(1, 9)}`) };
    case "MUTUAL_TLS":
      return { scheme: "MUTUAL_TLS" };
    default:
      return { scheme: "NONE" };
  }
}

function balancingOptions(random: Random): Options {
  const ejectionMs = random.between(10, 60) * 1000;
  return {
    policy: random.pick("ROUND_ROBIN", "WEIGHTED_ROUND_ROBIN"),
    outlier_detection: {
      interval_millis: random.between(5, 20) * 1000,
      base_ejection_time_millis: ejectionMs,
      max_ejection_time_millis: ejectionMs * random.between(2, 10),
      max_ejection_percent: random.between(10, 50),
      failure_percentage_threshold: random.between(50, 95),
      minimum_hosts: random.between(2, 6),
      request_volume: random.between(20, 100),
    },
  };
}

interface MethodFacts {
  readonly streams: boolean;
  readonly idempotent: boolean;
  readonly secure: boolean;
}

function methodOptions(random: Random, { streams, idempotent, secure }: MethodFacts): Options {
  return {
    ...(random.chance(0.7) ? { ...commonOptions(random), circuit_breaker: breakerOptions(random) } : {}),
    ...(idempotent && random.chance(0.3) ? hedgingOptions(random) : {}),
    ...(!idempotent && random.chance(0.5) ? { retry: retryOptions(random) } : {}),
    ...(streams && random.chance(0.5) ? streamOptions(random) : {}),
    ...(secure && random.chance(0.1) ? { authentication: { scheme: "BEARER", audience: quote("orders-admin") } } : {}),
  };
}

/** What services and methods alike say. */
function commonOptions(random: Random): Options {
  return {
    response_timeout_millis: random.between(20_000, 90_000),
    wait_for_ready: random.chance(0.5),
    ...(random.chance(0.3) ? { max_concurrent_requests: random.between(10, 1000) } : {}),
    ...(random.chance(0.3) ? { required_headers: `[${random.pick('"x-tenant"', '"x-tenant", "x-region"')}]` } : {}),
  };
}

function breakerOptions(random: Random): Options {
  const intervalMs = random.between(500, 2000);
  const openMs = random.between(5, 15) * 1000;
  return {
    enabled: random.chance(0.9),
    scope: "METHOD",
    failure_rate_threshold: random.between(2, 9) / 10,
    minimum_request_threshold: random.between(5, 50),
    counter_sliding_window_millis: intervalMs * random.between(5, 30),
    counter_update_interval_millis: intervalMs,
    circuit_open_window_millis: openMs,
    max_circuit_open_window_millis: openMs * random.between(2, 8),
    open_window_jitter: random.between(0, 5) / 10,
    trial_request_interval_millis: random.between(1000, 5000),
    trial_requests: random.between(1, 5),
    slow_call_duration_millis: random.between(100, 900),
    slow_call_rate_threshold: random.between(5, 10) / 10,
    failure_status_codes: random.pick("[UNAVAILABLE, INTERNAL]", "[UNAVAILABLE, UNKNOWN, DATA_LOSS]"),
  };
}

/** With retry switched off, because the two exclude each other. */
function hedgingOptions(random: Random): Options {
  return {
    hedging: {
      max_attempts: random.between(2, 4),
      hedging_delay_millis: random.between(100, 900),
      non_fatal_status_codes: random.pick("[UNAVAILABLE]", "[UNAVAILABLE, ABORTED]"),
    },
    retry: { max_attempts: 1 },
  };
}

function streamOptions(random: Random): Options {
  return {
    stream_idle_timeout_millis: random.between(10, 60) * 1000,
    stream_max_duration_millis: random.between(100, 900) * 1000,
  };
}

function retryOptions(random: Random): Options {
  return {
    max_attempts: random.between(2, 4),
    initial_backoff_millis: random.between(20, 100),
    max_backoff_millis: random.between(200, 900),
    backoff_multiplier: random.between(11, 30) / 10,
    backoff_jitter: random.between(0, 5) / 10,
    per_attempt_timeout_millis: random.between(1000, 2000),
    retryable_status_codes: random.pick("[UNAVAILABLE]", "[UNAVAILABLE, RESOURCE_EXHAUSTED]", "[UNAVAILABLE, ABORTED]"),
  };
}

function quote(text: string): string {
  return `"${text}"`;
}

function aggregate(options: Options, indentation: string): string {
  const inner = `${indentation}  `;
  const lines = Object.entries(options).map(
    ([name, value]) => `${inner}${name}: ${typeof value === "object" ? aggregate(value, inner) : value}\n`,
  );
  return `{\n${lines.join("")}${indentation}}`;
}

interface Random {
  /** A whole number, both bounds included. */
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  pick(...choices: readonly string[]): string;
}

/** Numbers that look random and are the same in every run (mulberry32). */
function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    between,
    chance: (probability) => next() < probability,
    pick: (...choices) => choices[between(0, choices.length - 1)] ?? "",
  };
}
