// SPDX-License-Identifier: Apache-2.0
import {
  type DescMethod,
  type DescMethodStreaming,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { Clock } from "../clock.ts";
import type { AttemptHandle, AttemptOptions, StreamHandle, StreamObserver, UnaryObserver, Wire } from "../wire.ts";
import { fail, refuseConnection, type ScriptedAnswer } from "./answer.ts";
import { ScriptedAttempt, type ScriptedMessage } from "./scripted-attempt.ts";
import type { SeenAttempt } from "./seen-attempt.ts";
import type { MethodScript, ServiceScript } from "./service-script.ts";

/**
 * A server that does what a script says, on the clock of its client and without a network. It notes every attempt that
 * reaches it.
 */
export class ScriptedServer<S extends DescService = DescService> implements Wire {
  /** Every attempt that has come, in order, those under way included. */
  readonly attempts: SeenAttempt[] = [];
  readonly #running: Set<ScriptedAttempt> = new Set();
  readonly #numbers: Map<string, number> = new Map();
  readonly #clock: Clock;
  #script: Readonly<Record<string, MethodScript | undefined>>;
  #down = false;

  /** A server of this script. `openScriptedClient()` makes one together with its client. */
  constructor(script: ServiceScript<S>, clock: Clock) {
    this.#script = script as Readonly<Record<string, MethodScript | undefined>>;
    this.#clock = clock;
  }

  /** The attempts that have come and have not ended. */
  get running(): readonly SeenAttempt[] {
    return [...this.#running];
  }

  /** The attempts of one method. */
  attemptsOf<Name extends keyof S["method"]>(method: Name): readonly SeenAttempt<S["method"][Name]>[] {
    return this.attempts.filter((attempt) => attempt.method === method) as SeenAttempt<S["method"][Name]>[];
  }

  /** Goes by another script from now on. Lists of answers begin with their first. */
  play(script: ServiceScript<S>): void {
    this.#script = script as Readonly<Record<string, MethodScript | undefined>>;
    this.#numbers.clear();
  }

  /** Forgets the attempts that have ended: for tests of millions of calls. */
  forget(): void {
    this.attempts.splice(0, this.attempts.length, ...this.#running);
  }

  /** Goes down: what runs loses its connection, and what comes is refused, until {@link start}. */
  stop(): void {
    this.#down = true;
    for (const attempt of [...this.#running]) {
      attempt.lose();
    }
  }

  /** Is up again after {@link stop}. */
  start(): void {
    this.#down = false;
  }

  /** For the client: readies a message. */
  prepare(method: DescMethod, message: Message): ScriptedMessage {
    // Through bytes and back, so that what was sent stays as it was, and what cannot be sent fails.
    const bytes = toBinary(method.input, message);
    return { message: fromBinary(method.input, bytes), byteLength: bytes.byteLength };
  }

  /** For the client: takes an attempt of a unary method. */
  startUnary(
    method: DescMethodUnary,
    request: ScriptedMessage,
    options: AttemptOptions,
    observer: UnaryObserver,
  ): AttemptHandle {
    let response: Message | undefined;
    const attempt = this.#take(method, options, {
      onHeader: () => undefined,
      onMessage: (message) => {
        response = message;
        attempt.requestMessage();
      },
      onEnd: (end) => observer.onEnd({ ...end, message: response }),
    });
    attempt.requestMessage();
    attempt.send(request, () => undefined);
    attempt.halfClose();
    return attempt;
  }

  /** For the client: takes an attempt of a streaming method. */
  startStream(method: DescMethodStreaming, options: AttemptOptions, observer: StreamObserver): StreamHandle {
    return this.#take(method, options, observer);
  }

  #take(
    desc: DescMethod,
    options: AttemptOptions,
    observer: ConstructorParameters<typeof ScriptedAttempt>[4],
  ): ScriptedAttempt {
    const number = (this.#numbers.get(desc.localName) ?? 0) + 1;
    this.#numbers.set(desc.localName, number);
    const attempt = new ScriptedAttempt(desc, number, options, this.#clock, {
      onHeader: (header) => observer.onHeader(header),
      onMessage: (message) => observer.onMessage(message),
      onEnd: (end) => {
        this.#running.delete(attempt);
        observer.onEnd(end);
      },
    });
    const answer = this.#down ? refuseConnection({ afterMessages: 0 }) : this.#answerTo(desc, attempt);
    this.attempts.push(attempt);
    this.#running.add(attempt);
    attempt.play(answer);
    return attempt;
  }

  #answerTo({ localName, methodKind }: DescMethod, attempt: SeenAttempt): ScriptedAnswer {
    const script = this.#script[localName];
    const answer = answerOf(script, attempt);
    if (answer === undefined) {
      return fail(Code.Unimplemented, { message: `the script says nothing of ${localName}`, afterMessages: 0 });
    }
    const single = methodKind === "unary" || methodKind === "client_streaming";
    if (single && answer.end.kind === "status" && answer.end.code === 0 && answer.messages.length !== 1) {
      throw new TypeError(`${localName} answers with one message; the script has ${answer.messages.length}`);
    }
    return answer;
  }
}

function answerOf(script: MethodScript | undefined, attempt: SeenAttempt): ScriptedAnswer | undefined {
  if (typeof script === "function") {
    return script(attempt);
  }
  if (script === undefined || !Array.isArray(script)) {
    return script as ScriptedAnswer | undefined;
  }
  return script[Math.min(attempt.number, script.length) - 1];
}
