// SPDX-License-Identifier: Apache-2.0
import { respondsWithStream } from "../method-kind.ts";
import { error, type Finding, type PolicyScope, type ServiceScope, warning } from "./finding.ts";

/** Checks the times of one method against its kind and against each other. */
export function checkTimeouts({ policy, isSetOnMethod }: PolicyScope): readonly Finding[] {
  const streams = respondsWithStream(policy.kind);
  const findings: Finding[] = [];
  if (policy.responseTimeoutMs === 0) {
    findings.push(zeroTimeout);
  }
  if (policy.waitForReady && !((policy.responseTimeoutMs ?? 0) > 0)) {
    findings.push(waitsForEver);
  }
  for (const option of streamOptions) {
    if (!streams && isSetOnMethod(option)) {
      findings.push(noStream(option));
    }
  }
  return streams ? [...findings, ...checkStreamTimes(policy)] : findings;
}

/** Checks that the stream options of a service have a stream to act on. */
export function checkStreamOptions({ contract, isSet }: ServiceScope): readonly Finding[] {
  if (contract.methods.length === 0 || contract.methods.some(({ kind }) => respondsWithStream(kind))) {
    return [];
  }
  return streamOptions
    .filter(isSet)
    .map((option) =>
      warning(
        "stream-option-unused",
        [option],
        `${option} has no effect: no method of this service responds with a stream. Remove it.`,
      ),
    );
}

const streamOptions = ["stream_idle_timeout_millis", "stream_max_duration_millis"];

const zeroTimeout = error(
  "response-timeout-zero",
  ["response_timeout_millis"],
  "response_timeout_millis is 0 ms, which means no limit, and only methods with a streaming response may have none: any " +
    "other call would wait for ever on a server that is stuck. Write 1 to 2147483647 ms.",
);

const waitsForEver = error(
  "wait-for-ready-without-timeout",
  ["wait_for_ready", "response_timeout_millis"],
  "wait_for_ready is true and there is no response timeout: while no backend can be reached, calls would queue for ever. " +
    "Set response_timeout_millis, or wait_for_ready = false.",
);

function noStream(option: string): Finding {
  return error(
    "stream-option-without-stream",
    [option],
    `${option} is set on a method whose response is one message, so there is no stream to limit. ` +
      "Remove it; response_timeout_millis limits the whole call.",
  );
}

function checkStreamTimes(policy: PolicyScope["policy"]): readonly Finding[] {
  const { responseTimeoutMs, streamIdleTimeoutMs, streamMaxDurationMs } = policy;
  if (streamMaxDurationMs === undefined) {
    return [];
  }
  const findings: Finding[] = [];
  if (responseTimeoutMs !== undefined && responseTimeoutMs > streamMaxDurationMs) {
    findings.push(
      error(
        "stream-ends-before-response",
        ["stream_max_duration_millis", "response_timeout_millis"],
        `The stream ends after ${streamMaxDurationMs} ms (stream_max_duration_millis), but its first message may take ` +
          `${responseTimeoutMs} ms (response_timeout_millis). Raise the first above the second, or lower the second.`,
      ),
    );
  }
  if (streamIdleTimeoutMs !== undefined && streamIdleTimeoutMs >= streamMaxDurationMs) {
    findings.push(
      warning(
        "stream-idle-unreachable",
        ["stream_idle_timeout_millis", "stream_max_duration_millis"],
        `A gap of ${streamIdleTimeoutMs} ms (stream_idle_timeout_millis) never occurs in a stream that ends after ` +
          `${streamMaxDurationMs} ms (stream_max_duration_millis). Lower the first, or remove it.`,
      ),
    );
  }
  return findings;
}
