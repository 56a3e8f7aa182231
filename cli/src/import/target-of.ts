// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import {
  durationMillis,
  limitOf,
  type OptionValue,
  type ParsedHedgingPolicy,
  type ParsedMethodConfig,
} from "@talaria/contract";
import type { Note } from "./import-finding.ts";
import { type Leaves, option } from "./leaves.ts";
import { respondsWithStream } from "./responds-with-stream.ts";
import { retryLeaves } from "./retry-leaves.ts";
import type { TargetOptions } from "./target-options.ts";
import { wholeMillis } from "./whole-millis.ts";

/** What a method's annotations must come to, and what is to be said about it. */
export interface Target {
  /** Empty: no deadline, no retry, nothing. */
  readonly leaves: Leaves;
  readonly notes: readonly Note[];
}

/** Turns what a config says about a method into option values. What has no words is a note, and what is doubtful too. */
export function targetOf(entry: ParsedMethodConfig, method: DescMethod, options: TargetOptions): Target {
  const notes: Note[] = [];
  const leaves = new Map<string, OptionValue>();
  const timeoutMs = readTimeout(entry, notes);
  const streams = respondsWithStream(method);
  if (timeoutMs !== undefined) {
    leaves.set(option.responseTimeout, timeoutMs);
  }
  if (timeoutMs !== undefined && streams) {
    leaves.set(option.streamMaxDuration, timeoutMs);
    notes.push(streamTimeout(entry, timeoutMs));
  }
  for (const [name, value] of retryLeaves(entry, timeoutMs, options, notes)) {
    leaves.set(name, value);
  }
  if (entry.hedgingPolicy !== undefined && entry.retryPolicy === undefined) {
    for (const [name, value] of hedgingLeaves(entry, entry.hedgingPolicy, method, timeoutMs, notes)) {
      leaves.set(name, value);
    }
  }
  if (entry.waitForReady === true) {
    if (timeoutMs === undefined) {
      notes.push(waitsForEver(entry));
    } else {
      leaves.set(option.waitForReady, true);
    }
  }
  notes.push(...messageSizes(entry));
  return { leaves, notes };
}

const longTimeoutMs = 3_600_000;

function readTimeout({ timeout, path }: ParsedMethodConfig, notes: Note[]): number | undefined {
  // A timeout of 0 is among the config's own problems.
  if (timeout === undefined || durationMillis(timeout) === 0) {
    return undefined;
  }
  const millis = wholeMillis(timeout, `${path}.timeout`, notes);
  if (millis > longTimeoutMs) {
    notes.push({
      code: "timeout-long",
      severity: "warning",
      path: `${path}.timeout`,
      message: `A call may take ${millis / longTimeoutMs} hours. While a server hangs, so long do its callers, with all they hold.`,
      done: "Imported as it is. Write how long a caller can wait; work that takes longer is better polled for.",
    });
  }
  return millis;
}

function streamTimeout({ path }: ParsedMethodConfig, millis: number): Note {
  return {
    code: "timeout-on-stream",
    severity: "warning",
    path: `${path}.timeout`,
    message: `The response is a stream, and a timeout ends it after ${millis} ms even while messages are coming.`,
    done: "Imported as stream_max_duration_millis, and as response_timeout_millis for the first message. See whether stream_idle_timeout_millis is what was meant.",
  };
}

function waitsForEver({ path }: ParsedMethodConfig): Note {
  return {
    code: "wait-for-ready-without-timeout",
    severity: "error",
    path: `${path}.waitForReady`,
    message:
      "The call waits for a backend and has no timeout: it would wait for ever, and a contract does not allow that.",
    done: "Left out. Add a timeout to the config, and import again.",
  };
}

function messageSizes({ path, maxRequestMessageBytes, maxResponseMessageBytes }: ParsedMethodConfig): readonly Note[] {
  return Object.entries({ maxRequestMessageBytes, maxResponseMessageBytes })
    .filter(([, bytes]) => bytes !== undefined)
    .map(([name, bytes]) => ({
      code: "message-size",
      severity: "error" as const,
      path: `${path}.${name}`,
      message: `${name} is ${bytes}, and no option says how large a message may be. grpc-js ignores it anyway.`,
      done: "Left out. Set the channel's own limit.",
    }));
}

function hedgingLeaves(
  { path }: ParsedMethodConfig,
  policy: ParsedHedgingPolicy,
  method: DescMethod,
  timeoutMs: number | undefined,
  notes: Note[],
): Leaves {
  const at = `${path}.hedgingPolicy`;
  const leftOut = (code: string, message: string, done: string): Leaves => {
    notes.push({ code, severity: "error", path: at, message, done });
    return new Map();
  };
  if (policy.maxAttempts === undefined) {
    return new Map();
  }
  if (method.idempotency === undefined || method.idempotency === MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN) {
    return leftOut(
      "hedging-not-idempotent",
      "Hedging lets the server execute a call several times, and the method does not say that this is harmless.",
      "Left out. Set option idempotency_level = IDEMPOTENT or NO_SIDE_EFFECTS if it is, and import again.",
    );
  }
  const delayMs = policy.hedgingDelay === undefined ? 0 : durationMillis(policy.hedgingDelay);
  if (delayMs === 0) {
    notes.push({
      code: "hedging-without-delay",
      severity: "error",
      path: at,
      message: "All copies are sent at once, and a contract needs a delay of at least 1 ms.",
      done: "Written as hedging_delay_millis: 1. Write the time within which most calls have answered.",
    });
  }
  const wholeMs =
    delayMs === 0 || policy.hedgingDelay === undefined
      ? 1
      : wholeMillis(policy.hedgingDelay, `${at}.hedgingDelay`, notes);
  const codes = policy.nonFatalStatusCodes.filter((code) => code !== "OK");
  if (timeoutMs !== undefined && wholeMs >= timeoutMs && codes.length === 0) {
    const message = `The second copy waits ${wholeMs} ms, and the call ends after ${timeoutMs} ms: none is ever sent.`;
    return leftOut("hedging-unreachable", message, "Left out, which changes nothing. Lower the delay to hedge.");
  }
  const most = limitOf(option.hedgingAttempts)?.max ?? policy.maxAttempts;
  return new Map<string, OptionValue>([
    [option.hedgingAttempts, Math.min(policy.maxAttempts, most)],
    [option.hedgingDelay, wholeMs],
    [option.nonFatalStatusCodes, codes],
  ]);
}
