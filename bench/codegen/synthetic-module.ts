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
  const parts = Array.from({ length: methods }, (_, index) => writeMethod(name, index, random));
  return `// ${name} is what other teams see of orders. It is safe to call from several threads.
//
// Ask the team before you depend on more than this page says.
service ${name} {
  option (service_client.client_config) = ${aggregate(serviceOptions(random), "  ")};
${parts.map(({ method }) => method).join("")}}

${parts.map(({ messages }) => messages).join("\n")}`;
}

const verbs = ["Get", "List", "Place", "Watch"] as const;

function writeMethod(service: string, index: number, random: Random): { method: string; messages: string } {
  const name = `${verbs[index]}${service.replace("Service", "")}`;
  const streams = verbs[index] === "Watch";
  const options = random.chance(0.6) ? methodOptions(random) : {};
  const config =
    Object.keys(options).length === 0
      ? ""
      : `    option (service_client.method_config) = ${aggregate(options, "    ")};\n`;
  const idempotency = index < 2 ? "    option idempotency_level = NO_SIDE_EFFECTS;\n" : "";
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

function serviceOptions(random: Random): Options {
  const keepaliveMs = random.between(60, 400) * 1000;
  return {
    ...sharedOptions(random),
    retry: retryOptions(random),
    retry_throttling: { max_tokens: random.between(10, 1000), token_ratio: random.between(1, 9) / 10 },
    load_balancing: { policy: random.pick("ROUND_ROBIN", "PICK_FIRST") },
    keepalive: {
      time_millis: keepaliveMs,
      timeout_millis: random.between(5, 30) * 1000,
      permit_without_calls: random.chance(0.5),
      server_min_time_millis: keepaliveMs,
    },
    transport_security: { mode: random.pick("TLS", "MUTUAL_TLS", "PLAINTEXT") },
    connection: {
      connect_timeout_millis: random.between(1000, 9000),
      max_age_millis: random.between(100, 900) * 1000,
      max_age_grace_millis: random.between(10, 60) * 1000,
      max_idle_millis: random.between(100, 900) * 1000,
    },
    authentication: { scheme: "NONE" },
  };
}

function methodOptions(random: Random): Options {
  return {
    ...(random.chance(0.7) ? sharedOptions(random) : {}),
    ...(random.chance(0.5) ? { retry: retryOptions(random) } : {}),
  };
}

function sharedOptions(random: Random): Options {
  const intervalMs = random.between(500, 2000);
  const openMs = random.between(5, 15) * 1000;
  return {
    response_timeout_millis: random.between(20_000, 90_000),
    wait_for_ready: random.chance(0.5),
    circuit_breaker: {
      enabled: random.chance(0.9),
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
    },
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
