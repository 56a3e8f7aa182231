// SPDX-License-Identifier: Apache-2.0
import { create, type DescMethodUnary, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { listenForAbort } from "./abort.ts";
import { callFailure, cancellation, refusalAtOnce } from "./call-failure.ts";
import { isSingleAttempt } from "./call-options.ts";
import type { CallOutcome } from "./call-outcome.ts";
import type { Carrier } from "./carrier.ts";
import type { ScopedCallOptions } from "./context/propagate.ts";
import type { CallError } from "./error.ts";
import type { GuardedAttempt } from "./guarded-attempt.ts";
import type { GuardedMethod } from "./guarded-method.ts";
import { GuardedCall } from "./pipeline.ts";
import type { PreparedMessage, UnaryEnd } from "./wire.ts";

type Input = MessageInitShape<DescMethodUnary["input"]>;

/** Makes one call of a unary method. */
export function callUnary(
  method: GuardedMethod,
  desc: DescMethodUnary,
  input: Input,
  options: ScopedCallOptions,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    new UnaryCall(method, desc, input, options, resolve, reject).start();
  });
}

class UnaryCall implements Carrier {
  readonly options: ScopedCallOptions;
  readonly committed: boolean = false;
  readonly #method: GuardedMethod;
  readonly #desc: DescMethodUnary;
  readonly #input: Input;
  readonly #call: GuardedCall;
  readonly #resolve: (message: Message) => void;
  readonly #reject: (error: unknown) => void;
  #request: PreparedMessage | undefined;
  #stopListening: (() => void) | undefined;

  constructor(
    method: GuardedMethod,
    desc: DescMethodUnary,
    input: Input,
    options: ScopedCallOptions,
    resolve: (message: Message) => void,
    reject: (error: unknown) => void,
  ) {
    this.#method = method;
    this.#desc = desc;
    this.#input = input;
    this.options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#call = new GuardedCall(method, this, {
      contractTimeoutMs: method.policy.responseTimeoutMs,
      callerTimeoutMs: options.timeoutMs,
      inheritedTimeoutMs: options.inheritedTimeoutMs,
      elapsedMs: options.elapsedMs,
      singleAttempt: isSingleAttempt(options),
    });
  }

  start(): void {
    this.#method.lifetime.enter();
    const refusal = refusalAtOnce(this.#method, this.options);
    if (refusal !== undefined) {
      this.onFailure(refusal);
      return;
    }
    this.#stopListening = listenForAbort(this.options, (signal) => this.#cancel(signal));
    this.#call.start();
  }

  startAttempt(attempt: GuardedAttempt): void {
    const { wire } = this.#method;
    this.#request ??= wire.prepare(this.#desc, create(this.#desc.input, this.#input));
    attempt.handle = wire.startUnary(this.#desc, this.#request, attempt, attempt);
  }

  onWinner(attempt: GuardedAttempt): void {
    this.#leave("ok");
    const { onAnswer, onHeader, onTrailer } = this.options;
    const end = attempt.end as UnaryEnd;
    try {
      onAnswer?.(end);
      onHeader?.(end.header());
      onTrailer?.(end.trailer());
      this.#resolve(end.message as Message);
    } catch (error) {
      this.#reject(error);
    }
  }

  onFailure(error: CallError): void {
    this.#leave({ error });
    this.#reject(error);
  }

  #cancel(signal: AbortSignal): void {
    this.#call.abandon();
    this.onFailure(callFailure(this.#call, cancellation(signal), "cancelled", undefined));
  }

  #leave(outcome: CallOutcome): void {
    this.#call.onCallEnd(outcome);
    this.#method.lifetime.leave();
    this.#stopListening?.();
  }
}
