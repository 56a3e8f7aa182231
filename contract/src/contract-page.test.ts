// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { compileServices, idempotent, rpc } from "../../test/contract/services.ts";
import { contractPage, type PageValue } from "./contract-page.ts";
import { formatContractPage } from "./format-contract-page.ts";
import { inspectService } from "./inspect-service.ts";

const services = compileServices({
  orders: {
    config: `response_timeout_millis: 800
      retry { max_attempts: 2 }
      circuit_breaker {}`,
    body: [
      rpc("Get"),
      rpc("Put", "retry { max_attempts: 1 } circuit_breaker { enabled: false }\nresponse_timeout_millis: 300"),
      rpc("Steady", "retry { per_attempt_timeout_millis: 200 }", idempotent),
      rpc("Watch", "response_timeout_millis: 0", { kind: "server_streaming" }),
    ].join("\n"),
  },
  hostile: {
    config: `transport_security { server_identity: ["a|b\`c", "spiffe://x/\\n## y"] }
      authentication { audience: "<b>*_\`\`_*</b>" }`,
    body: rpc("__proto__"),
  },
  streams: {
    config: "response_timeout_millis: 800",
    body: [
      rpc("Endless", "", { kind: "server_streaming" }),
      rpc("Bounded", "stream_max_duration_millis: 60000", { kind: "bidi_streaming" }),
      rpc("Upload", "", { kind: "client_streaming" }),
    ].join("\n"),
  },
  switches: {
    config: "load_balancing { outlier_detection {} }\ndrain {}\ncircuit_breaker {}",
    body: [
      rpc("Inherits"),
      rpc("Retries", "retry {}"),
      rpc("Breaks", "circuit_breaker {}"),
      rpc("Tunes", "circuit_breaker { trial_requests: 2 }"),
    ].join("\n"),
  },
  broken: {
    config: `response_timeout_millis: -1
      retry { max_attempts: 2 }
      keepalive { timeout_millis: -2 }`,
    body: [
      rpc("Inherits"),
      rpc("Replaces", "response_timeout_millis: 300"),
      rpc("Errs", "response_timeout_millis: 300 retry { max_attempts: 9 }"),
    ].join("\n"),
  },
  statements: {
    body: `option (service_client.client_config).response_timeout_millis = 800;

      option (service_client.client_config).drain = {};`,
  },
  together: {
    config: "response_timeout_millis: 5000 retry { initial_backoff_millis: 900 max_backoff_millis: 100 }",
    body: [rpc("Inherits"), rpc("Mends", "retry { max_backoff_millis: 2000 }")].join("\n"),
  },
  once: {
    config: "response_timeout_millis: 800 retry { per_attempt_timeout_millis: 200 }",
    body: rpc("Put", "retry { max_attempts: 1 }", idempotent),
  },
  empty: { config: "", body: "" },
});

const page = (name: keyof typeof services) => contractPage(inspectService(services[name]));

describe("contractPage()", () => {
  test("gathers deadline, longest wait, load and breaker of each method", () => {
    const breaker = "opens at 50 % of at least 10 attempts failing in 20 s; tries again after 10 s";
    const facts = page("orders").methods.map((method) =>
      method.errors === undefined
        ? [
            method.name,
            method.deadlineMs,
            method.longestWaitMs,
            method.mostRequests,
            method.circuitBreaker,
            method.inherits,
          ]
        : method.errors,
    );
    expect(facts).toEqual([
      ["Get", 800, 800, 2, breaker, true],
      ["Put", 300, 300, 1, undefined, false],
      // 200 ms, a delay of 100 ms and 20 %, 200 ms.
      ["Steady", 800, 520, 2, breaker, false],
      ["Watch", undefined, undefined, 2, breaker, false],
    ]);
  });

  test("waits as long as the call where retry is off: nothing cuts the one attempt", () => {
    expect(page("once").methods).toMatchObject([{ longestWaitMs: 800, mostRequests: 1 }]);
  });

  test("knows who set each value, and on which line", () => {
    const [, put] = page("orders").methods;
    const origins = Object.fromEntries(
      put?.values.map(({ option, value, setBy, line }) => [option, [value, setBy, line]]) ?? [],
    );
    expect(origins).toMatchObject({
      response_timeout_millis: [300, "method", 8],
      "retry.max_attempts": [1, "method", 7],
      "circuit_breaker.enabled": [false, "method", 7],
    });
    expect(page("orders").methods[0]?.values).toContainEqual({
      option: "retry.max_attempts",
      value: 2,
      unit: "attempts",
      setBy: "service",
      line: 4,
    });
    expect(page("orders").methods[3]?.values[0]).toEqual({
      option: "response_timeout_millis",
      value: 0,
      unit: "ms",
      setBy: "method",
      line: 10,
    });
    expect(page("orders").values).toContainEqual({
      option: "keepalive.time_millis",
      value: 300_000,
      unit: "ms",
      setBy: "default",
    });
  });

  test("knows who set a message with nothing in it", () => {
    const groups = (values: readonly PageValue[] | undefined) =>
      values
        ?.filter(({ group, value }) => group && value === "defaults")
        .map(({ option, setBy, line, annotationLine }) => [option, setBy, line ?? `annotation ${annotationLine}`]);
    const { values, methods } = page("switches");
    expect(groups(values)).toEqual([
      ["load_balancing.outlier_detection", "service", "annotation 3"],
      ["drain", "service", "annotation 3"],
    ]);
    const [inherits, retries, breaks, tunes] = methods;
    expect([inherits?.inherits, groups(inherits?.values)]).toEqual([
      true,
      [["circuit_breaker", "service", "annotation 3"]],
    ]);
    expect([retries?.inherits, groups(retries?.values)]).toEqual([
      false,
      [
        ["retry", "method", "annotation 7"],
        ["circuit_breaker", "service", "annotation 3"],
      ],
    ]);
    expect(groups(breaks?.values)).toEqual([["circuit_breaker", "method", "annotation 8"]]);
    // The line of the value says it all.
    expect(groups(tunes?.values)).toEqual([]);
    // An option of its own has a line of its own.
    expect(groups(page("statements").values)).toEqual([["drain", "service", 6]]);
  });

  test("promises nothing that an error leaves unknown", () => {
    const { methods, values, notInServiceConfig } = page("broken");
    const [inherits, replaces, errs] = methods;
    expect([inherits?.errors, replaces?.errors, errs?.errors]).toEqual([
      ["response_timeout_millis"],
      undefined,
      ["retry.max_attempts"],
    ]);
    expect(replaces).toMatchObject({ deadlineMs: 300, mostRequests: 2 });
    for (const method of [inherits, errs]) {
      expect(Object.keys(method ?? {})).toEqual(["name", "kind", "idempotencyLevel", "errors", "values", "inherits"]);
    }
    const wrong = [inherits, replaces, errs, { values }].map((part) =>
      part?.values.filter((value) => value.wrong).map(({ option, value, setBy }) => [option, value, setBy]),
    );
    expect(wrong).toEqual([
      [["response_timeout_millis", -1, "service"]],
      [],
      [["retry.max_attempts", 9, "method"]],
      [["keepalive.timeout_millis", -2, "service"]],
    ]);
    expect(notInServiceConfig).toEqual([]);
  });

  test("does not hold against a method what is wrong with another", () => {
    const [inherits, mends] = page("together").methods;
    expect([inherits?.errors, mends?.errors]).toEqual([["retry.initial_backoff_millis"], undefined]);
    const wrong = [inherits, mends].map((method) => method?.values.filter((value) => value.wrong).length);
    expect(wrong).toEqual([1, 0]);
  });

  test("does not take for a default what could not be read", () => {
    const [service] = [services.orders];
    const inspection = inspectService(service);
    const unreadable = {
      code: "malformed-option",
      severity: "error",
      message: "",
      location: { file: "", sourcePath: [] },
    } as const;
    const rows = (option: string) => {
      const diagnostics = [{ ...unreadable, element: service.typeName, option }];
      const { methods, values } = contractPage({ ...inspection, diagnostics });
      return {
        errors: methods.map(({ errors }) => errors?.length ?? 0),
        options: [...values, ...(methods[0]?.values ?? [])],
      };
    };
    const group = rows("circuit_breaker");
    expect(group.errors).toEqual([1, 1, 1, 1]);
    expect(group.options.filter(({ option }) => option.startsWith("circuit_breaker."))).toEqual([]);
    expect(group.options.map(({ option }) => option)).toContain("retry.max_backoff_millis");
    const whole = rows("");
    expect(whole.errors).toEqual([1, 1, 1, 1]);
    expect(whole.options.filter(({ setBy }) => setBy === "default")).toEqual([]);
    expect(whole.options.filter(({ wrong }) => wrong)).toEqual([]);
  });

  test("is plain data", () => {
    for (const name of Object.keys(services) as (keyof typeof services)[]) {
      expect(JSON.parse(JSON.stringify(page(name)))).toStrictEqual(page(name));
    }
  });
});

describe("formatContractPage()", () => {
  test("tells the end of a stream from its first message", () => {
    const text = formatContractPage(page("streams"));
    expect(text).toContain("| `Endless` | 800 ms | for ever, 800 ms to the first message |");
    expect(text).toContain("| `Bounded` | 800 ms | 60000 ms, 800 ms to the first message |");
    expect(text).toContain("| `Upload` | 800 ms | 800 ms |");
  });

  test("writes what a person reads", () => {
    const text = formatContractPage(page("orders"));
    expect(text.slice(0, text.indexOf("## `Steady`"))).toMatchInlineSnapshot(`
      "# \`test.p0.Service\`

      What a client of this service does, as \`case_0.proto\` says.

      | Method | Deadline | Longest wait | Requests per call, at most | Circuit breaker |
      | --- | --- | --- | --- | --- |
      | \`Get\` | 800 ms | 800 ms | 2 | opens at 50 % of at least 10 attempts failing in 20 s; tries again after 10 s |
      | \`Put\` | 300 ms | 300 ms | 1 | none |
      | \`Steady\` | 800 ms | 520 ms | 2 | opens at 50 % of at least 10 attempts failing in 20 s; tries again after 10 s |
      | \`Watch\` | none | for ever | 2 | opens at 50 % of at least 10 attempts failing in 20 s; tries again after 10 s |

      Where a caller retries as well, the requests multiply: 3 attempts there and 3 here are 9 requests.

      ## \`Get\`

      unary, not declared idempotent, as the service says

      - Deadline: 800 ms over all attempts.
      - Retry: up to 2 attempts on UNAVAILABLE, 100 ms to 1000 ms apart (x2, ±20 %).
      - Circuit breaker: opens at 50 % of at least 10 attempts failing in 20 s; tries again after 10 s.

      | Option | Value | Set by |
      | --- | --- | --- |
      | \`response_timeout_millis\` | 800 ms | service, \`case_0.proto:3\` |
      | \`retry.max_attempts\` | 2 attempts | service, \`case_0.proto:4\` |
      | \`circuit_breaker\` | \`defaults\` | service, in the annotation at \`case_0.proto:3\` |

      By default: \`retry.initial_backoff_millis\` 100 ms, \`retry.max_backoff_millis\` 1000 ms, \`retry.backoff_multiplier\` 2, \`retry.retryable_status_codes\` \`UNAVAILABLE\`, \`retry.backoff_jitter\` 0.2, \`circuit_breaker.enabled\` \`true\`, \`circuit_breaker.scope\` \`METHOD\`, \`circuit_breaker.failure_rate_threshold\` 0.5, \`circuit_breaker.minimum_request_threshold\` 10 attempts, \`circuit_breaker.counter_sliding_window_millis\` 20000 ms, \`circuit_breaker.counter_update_interval_millis\` 1000 ms, \`circuit_breaker.circuit_open_window_millis\` 10000 ms, \`circuit_breaker.open_window_jitter\` 0.2, \`circuit_breaker.trial_request_interval_millis\` 3000 ms, \`circuit_breaker.trial_requests\` 1 trial, \`circuit_breaker.slow_call_rate_threshold\` 1, \`circuit_breaker.failure_status_codes\` \`UNAVAILABLE\`, \`DEADLINE_EXCEEDED\`, \`INTERNAL\`, \`UNKNOWN\`, \`DATA_LOSS\`, \`wait_for_ready\` \`false\`, \`required_headers\` none.

      ## \`Put\`

      unary, not declared idempotent

      - Deadline: 300 ms.

      | Option | Value | Set by |
      | --- | --- | --- |
      | \`response_timeout_millis\` | 300 ms | method, \`case_0.proto:8\` |
      | \`retry.max_attempts\` | 1 attempt | method, \`case_0.proto:7\` |
      | \`circuit_breaker.enabled\` | \`false\` | method, \`case_0.proto:7\` |

      By default: \`wait_for_ready\` \`false\`, \`required_headers\` none.

      "
    `);
    expect(text.slice(text.indexOf("## Not in"))).toMatchInlineSnapshot(`
      "## Not in the service config

      A client in another language that obeys the service config of this service differs in this:

      | Option | Methods | Instead |
      | --- | --- | --- |
      | \`retry.per_attempt_timeout_millis\` | \`Steady\` | One slow attempt uses up the time of the whole call. |
      | \`retry.retryable_status_codes\` | \`Get\`, \`Watch\` | A lost connection counts as UNAVAILABLE, so a call that the server may have executed is made again. |
      | \`circuit_breaker\` | \`Get\`, \`Steady\`, \`Watch\` | Calls go on while the service fails. |
      | \`keepalive\` | all | Pings are set by channel and server options; the defaults send none. |
      | \`transport_security\` | all | Channel credentials decide how the connection is secured and whose certificate is accepted. |
      | \`connection\` | all | Channel and server options decide how long connections may take to open, and how long they live. |
      | \`name_resolution\` | all | Each client refreshes addresses in its own way, most of them only when a connection breaks. |
      "
    `);
  });

  test("lets no text of the .proto out of its place", () => {
    const text = formatContractPage(page("hostile"));
    expect(text.split("\n").filter((line) => line.startsWith("#"))).toEqual([
      "# `test.p1.Service`",
      "## Errors",
      "## `__proto__`",
      "## The connection",
      "## Remarks",
    ]);
    expect(text).toContain("| `` a\\|b`c ``, `spiffe://x/ ## y` (wrong) |");
    expect(text).toContain("| ``` <b>*_``_*</b> ``` |");
  });

  test("says what is not known, and why", () => {
    const text = formatContractPage(page("broken"));
    expect(text).toContain("| `Inherits` | ? | ? | ? | ? |\n| `Replaces` | 300 ms | 300 ms | 2 | none |\n");
    expect(text).toContain("\n- What holds is not known: there is an error in response\\_timeout\\_millis.\n");
    expect(text).toContain("| `response_timeout_millis` | -1 ms (wrong) | service, `case_");
    expect(text).not.toContain("Deadline: -1 ms");
    expect(text).not.toContain("Not in the service config");
  });

  test("says that a service has no methods", () => {
    expect(formatContractPage(page("empty"))).toContain("\nThe service has no methods.\n");
  });
});
