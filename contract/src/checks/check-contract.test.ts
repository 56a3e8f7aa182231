// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { compileServices, idempotent, rpc, type ServiceText } from "../../../test/contract/services.ts";
import { inspectService } from "../inspect-service.ts";

interface Case extends ServiceText {
  /** `line:severity code option | message`, one a diagnostic. Line 3 is the annotation, line 4 the first line of the body. */
  readonly says: readonly string[];
}

const slow = "circuit_breaker { slow_call_duration_millis: 300 max_circuit_open_window_millis: 10000 }";

const cases = {
  "nothing on a sound contract": {
    config: `response_timeout_millis: 800 retry { max_attempts: 3 } circuit_breaker {} keepalive {} connection {}
      transport_security { mode: MUTUAL_TLS server_identity: ["orders-{shard}.shop.example", "spiffe://shop.example/{shard}/orders"] }
      authentication { scheme: MUTUAL_TLS } required_headers: ["x-tenant-id", "x-trace-bin"] name_resolution {}
      load_balancing { outlier_detection {} } retry_throttling {} health_check {} drain {}`,
    says: [],
  },
  "a timeout below 1 ms": {
    config: "response_timeout_millis: -1",
    says: [
      "3:error out-of-range response_timeout_millis | response_timeout_millis is -1 ms: a timer cannot run for less than 1 ms, " +
        "and not for longer than 2147483647 ms (24.8 days). Write 1 to 2147483647 ms, or 0 for no limit where the response is a stream.",
    ],
  },
  "a timeout beyond what a timer can run": {
    config: "response_timeout_millis: 2147483648 connection { max_idle_millis: 9223372036854775807 }",
    says: [
      "3:error out-of-range response_timeout_millis | response_timeout_millis is 2147483648 ms: a timer cannot run for less than 1 ms, " +
        "and not for longer than 2147483647 ms (24.8 days). Write 1 to 2147483647 ms, or 0 for no limit where the response is a stream.",
      "3:error out-of-range connection.max_idle_millis | connection.max_idle_millis is 9223372036854776000 ms: a timer cannot run for " +
        "less than 1 ms, and not for longer than 2147483647 ms (24.8 days). Write 1 to 2147483647 ms.",
    ],
  },
  "counts and shares outside their ranges, all at once": {
    config: `max_concurrent_requests: 0
      retry { max_attempts: 6 backoff_multiplier: 0 backoff_jitter: 1.5 }
      circuit_breaker { failure_rate_threshold: 0 minimum_request_threshold: 0 open_window_jitter: -0.1 trial_requests: 0 }
      retry_throttling { max_tokens: 1001 token_ratio: 0 }
      load_balancing { outlier_detection { max_ejection_percent: 101 minimum_hosts: -1 } }`,
    says: [
      "3:error out-of-range max_concurrent_requests | max_concurrent_requests is 0 calls: at 0 every call would be refused. Write 1 to 2147483647 calls.",
      "4:error out-of-range retry.max_attempts | retry.max_attempts is 6 attempts: the first attempt counts, and gRPC clients make no more than 5 (gRFC A6). Write 1 to 5 attempts.",
      "4:error out-of-range retry.backoff_multiplier | retry.backoff_multiplier is 0: each delay is the one before times this. Write a number above 0.",
      "4:error out-of-range retry.backoff_jitter | retry.backoff_jitter is 1.5: it is the share by which each delay is varied. Write 0 to 1.",
      "5:error out-of-range circuit_breaker.failure_rate_threshold | circuit_breaker.failure_rate_threshold is 0: it is a share of the attempts in the window: at 0 the breaker would always open, and above 1 never. Write a number above 0, up to 1.",
      "5:error out-of-range circuit_breaker.minimum_request_threshold | circuit_breaker.minimum_request_threshold is 0 attempts. Write 1 to 2147483647 attempts.",
      "5:error out-of-range circuit_breaker.open_window_jitter | circuit_breaker.open_window_jitter is -0.1: it is the share by which each open window is varied. Write 0 to 1.",
      "5:error out-of-range circuit_breaker.trial_requests | circuit_breaker.trial_requests is 0 trials: without a trial an open breaker never closes. Write 1 to 2147483647 trials.",
      "6:error out-of-range retry_throttling.max_tokens | retry_throttling.max_tokens is 1001 tokens: gRFC A6 allows no other bucket. Write 1 to 1000 tokens.",
      "6:error out-of-range retry_throttling.token_ratio | retry_throttling.token_ratio is 0: gRFC A6 keeps three decimals, and at 0 the bucket never fills again. Write 0.001 or more.",
      "7:error out-of-range load_balancing.outlier_detection.max_ejection_percent | load_balancing.outlier_detection.max_ejection_percent is 101 %. Write 0 to 100 %.",
      "7:error out-of-range load_balancing.outlier_detection.minimum_hosts | load_balancing.outlier_detection.minimum_hosts is -1 addresses. Write 0 to 2147483647 addresses.",
    ],
  },
  "numbers that are none": {
    config: "retry { backoff_multiplier: inf backoff_jitter: nan } response_timeout_millis: 800",
    says: [
      "3:error out-of-range retry.backoff_multiplier | retry.backoff_multiplier is Infinity: each delay is the one before times this. Write a number above 0.",
      "3:error out-of-range retry.backoff_jitter | retry.backoff_jitter is NaN: it is the share by which each delay is varied. Write 0 to 1.",
    ],
  },
  "no limit at the service, once, with the methods that cannot be without one": {
    config: "response_timeout_millis: 0",
    body: [
      rpc("Get"),
      rpc("Watch", "", { kind: "server_streaming" }),
      rpc("Put"),
      rpc("Set", "response_timeout_millis: 5"),
    ].join("\n"),
    says: [
      "3:error response-timeout-zero response_timeout_millis | response_timeout_millis is 0 ms, which means no limit, and only methods with a streaming response may have none: any other call would wait for ever on a server that is stuck. Write 1 to 2147483647 ms. This concerns Get, Put.",
    ],
  },
  "no limit on a method, where it is set": {
    config: "response_timeout_millis: 800",
    body: [
      rpc("Get"),
      rpc("Put", "response_timeout_millis: 0"),
      rpc("Watch", "response_timeout_millis: 0", { kind: "bidi_streaming" }),
    ].join("\n"),
    says: [
      "5:error response-timeout-zero response_timeout_millis | response_timeout_millis is 0 ms, which means no limit, and only methods with a streaming response may have none: any other call would wait for ever on a server that is stuck. Write 1 to 2147483647 ms.",
    ],
  },
  "calls that would queue for ever": {
    config: "wait_for_ready: true",
    body: [
      rpc("Get", "response_timeout_millis: 5"),
      rpc("Watch", "response_timeout_millis: 0", { kind: "server_streaming" }),
      rpc("Put"),
    ].join("\n"),
    says: [
      "3:error wait-for-ready-without-timeout wait_for_ready | wait_for_ready is true and there is no response timeout: while no backend can be reached, calls would queue for ever. Set response_timeout_millis, or wait_for_ready = false. This concerns Put.",
      "5:error wait-for-ready-without-timeout response_timeout_millis | wait_for_ready is true and there is no response timeout: while no backend can be reached, calls would queue for ever. Set response_timeout_millis, or wait_for_ready = false.",
    ],
  },
  "stream options without a stream": {
    config: "stream_idle_timeout_millis: 100",
    body: rpc("Get", "stream_max_duration_millis: 5"),
    says: [
      "3:warning stream-option-unused stream_idle_timeout_millis | stream_idle_timeout_millis has no effect: no method of this service responds with a stream. Remove it.",
      "4:error stream-option-without-stream stream_max_duration_millis | stream_max_duration_millis is set on a method whose response is one message, so there is no stream to limit. Remove it; response_timeout_millis limits the whole call.",
    ],
  },
  "a stream that ends before its first message may come": {
    config: "response_timeout_millis: 800",
    body: rpc("Watch", "stream_max_duration_millis: 500 stream_idle_timeout_millis: 500", { kind: "server_streaming" }),
    says: [
      "4:error stream-ends-before-response stream_max_duration_millis | The stream ends after 500 ms (stream_max_duration_millis), but its first message may take 800 ms (response_timeout_millis). Raise the first above the second, or lower the second.",
      "4:warning stream-idle-unreachable stream_idle_timeout_millis | A gap of 500 ms (stream_idle_timeout_millis) never occurs in a stream that ends after 500 ms (stream_max_duration_millis). Lower the first, or remove it.",
    ],
  },
  "a stream whose first message may come at its end": {
    config: "response_timeout_millis: 800 stream_max_duration_millis: 800",
    body: rpc("Watch", "", { kind: "server_streaming" }),
    says: [],
  },
  "a value of the service for itself, and what a method makes of it": {
    config: "response_timeout_millis: 800 retry { initial_backoff_millis: -1 }",
    body: [rpc("Get"), rpc("Put", "retry { initial_backoff_millis: 1000 }")].join("\n"),
    says: [
      "3:error out-of-range retry.initial_backoff_millis | retry.initial_backoff_millis is -1 ms: a timer cannot run for less than 1 ms, and not for longer than 2147483647 ms (24.8 days). Write 1 to 2147483647 ms.",
      "5:error retry-unreachable retry.initial_backoff_millis | No retry can ever start: the first waits at least 800 ms (retry.initial_backoff_millis 1000 ms less 20 % jitter), and the call ends after 800 ms (response_timeout_millis). Lower the backoff, raise the timeout, or switch retry off: retry { max_attempts: 1 }.",
    ],
  },
  "elements of a list, each in its place": {
    config: `required_headers: ["x-tenant-id", "grpc-x"]
      transport_security { server_identity: "*.example"
        server_identity: "a b" }`,
    says: [
      "3:error required-header-reserved required_headers | required_headers names grpc-x, which callers cannot set: names in grpc- belong to gRPC itself. Remove it.",
      '4:error server-identity-malformed transport_security.server_identity | transport_security.server_identity has "*.example": it has a wildcard; certificates may, but an expectation must be exact. No certificate could match it. Write a DNS name such as orders.shop.example, or a SPIFFE ID such as spiffe://shop.example/orders; placeholders look like {shard}.',
      '5:error server-identity-malformed transport_security.server_identity | transport_security.server_identity has "a b": it is no DNS name. No certificate could match it. Write a DNS name such as orders.shop.example, or a SPIFFE ID such as spiffe://shop.example/orders; placeholders look like {shard}.',
    ],
  },
  "a backoff that begins above its end": {
    config: "retry { initial_backoff_millis: 2000 }",
    says: [
      "3:error retry-backoff-order retry.initial_backoff_millis | retry.initial_backoff_millis (2000 ms) is above retry.max_backoff_millis (1000 ms), so the first delay would not be what it says. Lower the first or raise the second.",
    ],
  },
  "a retry that can never start": {
    config: "response_timeout_millis: 80 retry {}",
    says: [
      "3:error retry-unreachable response_timeout_millis | No retry can ever start: the first waits at least 80 ms (retry.initial_backoff_millis 100 ms less 20 % jitter), and the call ends after 80 ms (response_timeout_millis). Lower the backoff, raise the timeout, or switch retry off: retry { max_attempts: 1 }.",
    ],
  },
  "a retry that can just start": {
    config: "response_timeout_millis: 81 retry { max_attempts: 2 }",
    says: [
      "3:warning retry-partly-unreachable retry.max_attempts | Only 1 of 2 attempts fit in 81 ms (response_timeout_millis): attempt 2 would start after 100 ms. Write retry.max_attempts: 1, shorten the backoff, or raise the timeout.",
    ],
  },
  "a method's timeout that leaves no time for the service's retry": {
    config: "response_timeout_millis: 10000 retry { initial_backoff_millis: 500 }",
    body: [rpc("Slow"), rpc("Fast", "response_timeout_millis: 300")].join("\n"),
    says: [
      "5:error retry-unreachable response_timeout_millis | No retry can ever start: the first waits at least 400 ms (retry.initial_backoff_millis 500 ms less 20 % jitter), and the call ends after 300 ms (response_timeout_millis). Lower the backoff, raise the timeout, or switch retry off: retry { max_attempts: 1 }.",
    ],
  },
  "retry switched off fits in any timeout": {
    config: "response_timeout_millis: 10000 retry { initial_backoff_millis: 500 }",
    body: rpc("Fast", "response_timeout_millis: 300 retry { max_attempts: 1 }"),
    says: [],
  },
  "attempts that do not all fit": {
    config: "response_timeout_millis: 1100 retry { max_attempts: 5 per_attempt_timeout_millis: 300 }",
    says: [
      "3:warning retry-partly-unreachable retry.max_attempts | Only 3 of 5 attempts fit in 1100 ms (response_timeout_millis): attempt 4 would start after 1600 ms when each takes as long as it may. Write retry.max_attempts: 3, shorten the backoff, or raise the timeout.",
    ],
  },
  "an attempt that would start as the call ends": {
    config: "response_timeout_millis: 300 retry { max_attempts: 3 }",
    says: [
      "3:warning retry-partly-unreachable retry.max_attempts | Only 2 of 3 attempts fit in 300 ms (response_timeout_millis): attempt 3 would start after 300 ms. Write retry.max_attempts: 2, shorten the backoff, or raise the timeout.",
    ],
  },
  "an attempt timeout above the response timeout": {
    config: "response_timeout_millis: 800 retry { per_attempt_timeout_millis: 800 }",
    says: [
      "3:error retry-attempt-timeout-unreachable retry.per_attempt_timeout_millis | retry.per_attempt_timeout_millis (800 ms) never ends an attempt, because the whole call ends after 800 ms (response_timeout_millis). Write less than 800 ms, so that another attempt has time, or remove it.",
    ],
  },
  "retry and hedging together": {
    config: "response_timeout_millis: 800 retry {}",
    body: rpc("Get", "hedging { hedging_delay_millis: 100 }", idempotent),
    says: [
      "4:error retry-and-hedging hedging | Retry and hedging are both on. They are two answers to the same failure, and gRPC clients refuse the pair (gRFC A6). Remove hedging, or switch retry off here: retry { max_attempts: 1 }.",
    ],
  },
  "hedging instead of retry": {
    config: "response_timeout_millis: 800 retry {}",
    body: rpc("Get", "hedging { hedging_delay_millis: 100 } retry { max_attempts: 1 }", idempotent),
    says: [],
  },
  "hedging where copies may do harm, and without a delay": {
    config: "",
    body: rpc("Put", "hedging {}"),
    says: [
      "4:error hedging-not-idempotent hedging | Hedging sends further copies of a call that is still running, so the server may execute it several times, and this method does not say that this is harmless. Set option idempotency_level = IDEMPOTENT or NO_SIDE_EFFECTS if it is, or remove hedging.",
      "4:error hedging-delay-missing hedging | hedging has no hedging_delay_millis, and without one all copies would be sent at once. Set it to the time within which most calls have answered, e.g. their 95th percentile, in milliseconds.",
    ],
  },
  "hedging whose copies never leave": {
    config: "response_timeout_millis: 100",
    body: [
      rpc("Never", "hedging { hedging_delay_millis: 100 }", idempotent),
      rpc("Some", "hedging { max_attempts: 4 hedging_delay_millis: 50 }", idempotent),
      rpc("AtOnce", "hedging { hedging_delay_millis: 100 non_fatal_status_codes: [UNAVAILABLE] }", idempotent),
    ].join("\n"),
    says: [
      "4:error hedging-unreachable hedging.hedging_delay_millis | No second copy is ever sent: it waits 100 ms (hedging.hedging_delay_millis), and the call ends after 100 ms (response_timeout_millis). Lower the delay, raise the timeout, or remove hedging.",
      "5:warning hedging-partly-unreachable hedging.hedging_delay_millis | Only 2 of 4 copies fit in 100 ms (response_timeout_millis): with hedging.hedging_delay_millis 50 ms, copy 3 would be sent after 100 ms. Lower hedging.max_attempts or the delay, or raise the timeout.",
      "6:warning hedging-partly-unreachable hedging.hedging_delay_millis | Only 1 of 2 copies fit in 100 ms (response_timeout_millis): with hedging.hedging_delay_millis 100 ms, copy 2 would be sent after 100 ms. Lower hedging.max_attempts or the delay, or raise the timeout.",
    ],
  },
  "status codes that are no failure, and twice the same": {
    config: `retry { retryable_status_codes: [UNAVAILABLE, OK, UNAVAILABLE] }
      circuit_breaker { failure_status_codes: [OK] }`,
    says: [
      "3:error status-code-ok retry.retryable_status_codes | retry.retryable_status_codes lists OK: a call that succeeded is not tried again, and gRPC for Java refuses such a list. Remove it.",
      "3:warning duplicate-value retry.retryable_status_codes | retry.retryable_status_codes names UNAVAILABLE twice. Remove one.",
      "4:error status-code-ok circuit_breaker.failure_status_codes | circuit_breaker.failure_status_codes lists OK: a success is no failure, and gRPC for Java refuses such a list. Remove it.",
    ],
  },
  "a window that is not made of whole buckets": {
    config: "circuit_breaker { counter_sliding_window_millis: 2500 }",
    body: [
      rpc("Get"),
      rpc("Put", "circuit_breaker { counter_sliding_window_millis: 1000 }"),
      rpc("Set", "circuit_breaker { counter_sliding_window_millis: 60000 counter_update_interval_millis: 1 }"),
      rpc("Off", "circuit_breaker { enabled: false counter_sliding_window_millis: 1 }"),
    ].join("\n"),
    says: [
      "3:error circuit-breaker-window circuit_breaker.counter_sliding_window_millis | circuit_breaker.counter_sliding_window_millis (2500 ms) is not a multiple of circuit_breaker.counter_update_interval_millis (1000 ms): the window is made of whole buckets. Write 3000 ms. This concerns Get.",
      "5:error circuit-breaker-window circuit_breaker.counter_sliding_window_millis | circuit_breaker.counter_sliding_window_millis (1000 ms) is not above circuit_breaker.counter_update_interval_millis (1000 ms): a window needs two buckets at least. Raise the first or lower the second.",
      "6:warning circuit-breaker-buckets circuit_breaker.counter_sliding_window_millis | The window of the circuit breaker has 60000 buckets of 1 ms. Each breaker keeps them all in memory. Raise circuit_breaker.counter_update_interval_millis to 60 ms or more.",
    ],
  },
  "breaker numbers that do not go together": {
    config: `response_timeout_millis: 800
      circuit_breaker { max_circuit_open_window_millis: 9999 slow_call_rate_threshold: 0.5 }`,
    body: [
      rpc("Get"),
      rpc("Put", "circuit_breaker { slow_call_duration_millis: 800 max_circuit_open_window_millis: 10000 }"),
      rpc("Cut", `retry { per_attempt_timeout_millis: 200 } ${slow}`, idempotent),
      rpc("Whole", `retry { max_attempts: 1 per_attempt_timeout_millis: 200 } ${slow}`, idempotent),
    ].join("\n"),
    says: [
      "4:error circuit-breaker-open-window circuit_breaker.max_circuit_open_window_millis | circuit_breaker.max_circuit_open_window_millis (9999 ms) is below circuit_breaker.circuit_open_window_millis (10000 ms), where it starts. Write 10000 ms or more, or remove it. This concerns Get.",
      "4:error circuit-breaker-slow-call circuit_breaker.slow_call_rate_threshold | circuit_breaker.slow_call_rate_threshold is set without slow_call_duration_millis, so no attempt counts as slow. Set the duration in milliseconds, or remove the threshold. This concerns Get.",
      "6:warning circuit-breaker-slow-call-unreachable circuit_breaker.slow_call_duration_millis | No attempt is ever slower than circuit_breaker.slow_call_duration_millis (800 ms), because every attempt ends after 800 ms. Lower it below that, or remove it.",
      "7:warning circuit-breaker-slow-call-unreachable circuit_breaker.slow_call_duration_millis | No attempt is ever slower than circuit_breaker.slow_call_duration_millis (300 ms), because every attempt ends after 200 ms. Lower it below that, or remove it.",
    ],
  },
  "methods that share a breaker and disagree about it": {
    config: "circuit_breaker { scope: SERVICE }",
    body: [
      rpc("Get"),
      rpc("Put", "circuit_breaker { failure_rate_threshold: 0.9 trial_requests: 2 }"),
      rpc("Own", "circuit_breaker { scope: METHOD failure_rate_threshold: 0.9 }"),
      rpc("Off", "circuit_breaker { enabled: false }"),
    ].join("\n"),
    says: [
      "5:error circuit-breaker-shared-settings circuit_breaker | With scope SERVICE there is one breaker for all methods, but methods disagree about it: failure_rate_threshold 0.9 instead of 0.5, trial_requests 2 instead of 1 (compared with Get). Set circuit_breaker on the service only, or scope: METHOD where it differs.",
    ],
  },
  "a throttle with nothing to throttle, and more decimals than are read": {
    config: "retry_throttling { token_ratio: 0.1234 }",
    says: [
      "3:warning retry-throttling-precision retry_throttling.token_ratio | retry_throttling.token_ratio is 0.1234: gRPC clients of other languages read three decimals (gRFC A6) and drop the rest. Write 0.123.",
      "3:warning retry-throttling-unused retry_throttling | retry_throttling has no effect: no method of this service retries or hedges. Remove it, or add retry.",
    ],
  },
  "pings that the server would punish": {
    config: "keepalive { time_millis: 10000 }",
    says: [
      "3:error keepalive-too-often keepalive.time_millis | keepalive.time_millis (10000 ms) is below keepalive.server_min_time_millis (300000 ms): the server would count each ping as a strike and close the connection with too_many_pings (gRFC A8). Write keepalive.server_min_time_millis: 10000 or less, or raise time_millis to 300000 ms or more.",
    ],
  },
  "bounds the wrong way round": {
    config: `name_resolution { max_ttl_millis: 500 failure_backoff_initial_millis: 60000 }
      load_balancing { policy: PICK_FIRST outlier_detection { base_ejection_time_millis: 300001 } }`,
    says: [
      "3:error name-resolution-ttl-order name_resolution.max_ttl_millis | name_resolution.min_ttl_millis (1000 ms) is above name_resolution.max_ttl_millis (500 ms), its upper bound. Lower the first or raise the second.",
      "3:error name-resolution-backoff-order name_resolution.failure_backoff_initial_millis | name_resolution.failure_backoff_initial_millis (60000 ms) is above name_resolution.failure_backoff_max_millis (30000 ms), its upper bound. Lower the first or raise the second.",
      "4:error outlier-detection-pick-first load_balancing.policy | load_balancing has outlier_detection with policy PICK_FIRST: all calls go to one address, so there is nothing to compare it with, and gRPC clients refuse the pair (gRFC A50). Write policy: ROUND_ROBIN, or remove outlier_detection.",
      "4:error outlier-detection-order load_balancing.outlier_detection.base_ejection_time_millis | load_balancing.outlier_detection.base_ejection_time_millis (300001 ms) is above load_balancing.outlier_detection.max_ejection_time_millis (300000 ms), its upper bound. Lower the first or raise the second.",
    ],
  },
  "proofs of identity that the connection cannot carry": {
    config: `authentication { scheme: MUTUAL_TLS audience: "orders" }
      transport_security { mode: PLAINTEXT server_identity: "orders.shop.example" }`,
    body: [
      rpc("Get"),
      rpc("Put", "authentication { scheme: BEARER }"),
      rpc("Set", 'authentication { audience: "" }'),
    ].join("\n"),
    says: [
      "3:error authentication-without-mutual-tls authentication.scheme | authentication.scheme is MUTUAL_TLS, but transport_security.mode is PLAINTEXT: the client presents no certificate. Write transport_security.mode: MUTUAL_TLS, or another scheme. This concerns Get, Set.",
      "3:warning audience-unused authentication.audience | authentication.audience has no effect with scheme MUTUAL_TLS: only a token has an audience. Write scheme: BEARER, or remove the audience. This concerns Get.",
      "4:error server-identity-plaintext transport_security.mode | transport_security has server_identity with mode PLAINTEXT: the server presents no certificate, so the identity is never checked. Write mode: TLS or MUTUAL_TLS, or remove server_identity.",
      "6:warning bearer-over-plaintext authentication.scheme | authentication.scheme is BEARER and transport_security.mode is PLAINTEXT: everybody on the way can read the token and use it. Write mode: TLS, unless a proxy beside the process encrypts.",
      "7:error empty-audience authentication.audience | authentication.audience is empty: no token is issued for nobody. Name the audience, or remove the line.",
    ],
  },
} satisfies Record<string, Case>;

describe("checkContract()", () => {
  const services = compileServices(cases);
  test.each(Object.keys(cases) as (keyof typeof cases)[])("reports %s", (name) => {
    const { diagnostics } = inspectService(services[name]);
    const said = diagnostics.map(
      ({ location, severity, code, option, message }) => `${location.line}:${severity} ${code} ${option} | ${message}`,
    );
    expect(said).toEqual(cases[name].says);
  });
});
