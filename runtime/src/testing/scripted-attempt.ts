// SPDX-License-Identifier: Apache-2.0
import { create, type DescMessage, type DescMethod, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Clock, Timer } from "../clock.ts";
import { statusCodeName } from "../status-code.ts";
import type {
  AttemptEnd,
  AttemptHandle,
  AttemptOptions,
  EndKind,
  PreparedMessage,
  StreamHandle,
  StreamObserver,
  UnaryEnd,
} from "../wire.ts";
import type { ScriptedAnswer, ScriptedEnd } from "./answer.ts";
import type { SeenAttempt, SeenEnd } from "./seen-attempt.ts";

/** A request message on the scripted wire. */
export interface ScriptedMessage extends PreparedMessage {
  readonly message: Message;
}

/** What an attempt reports to: a {@link StreamObserver} that also gets what a unary attempt ends with. */
export interface ScriptedObserver extends Omit<StreamObserver, "onEnd"> {
  onEnd(end: UnaryEnd): void;
}

/** What the server does next, and when. */
interface Next {
  timer?: Timer;
}

/** One attempt on the scripted wire: what the client holds of it, and what the test sees of it. */
export class ScriptedAttempt implements SeenAttempt, AttemptHandle, StreamHandle {
  readonly method: string;
  readonly number: number;
  readonly previousAttempts: number;
  readonly messages: Message[] = [];
  requestEnded = false;
  readonly header: Headers;
  readonly timeoutMs: number | undefined;
  readonly startedAtMs: number;
  end: SeenEnd | undefined;
  readonly #desc: DescMethod;
  readonly #clock: Clock;
  readonly #observer: ScriptedObserver;
  #timeout: Timer | undefined;
  #answer: ScriptedAnswer | undefined;
  /** Set from when the answer begins. */
  #begun = false;
  #next: Next | undefined;
  #delivered = 0;
  #wanted = 0;
  #writing = false;

  constructor(desc: DescMethod, number: number, options: AttemptOptions, clock: Clock, observer: ScriptedObserver) {
    this.method = desc.localName;
    this.number = number;
    this.previousAttempts = options.previousAttempts;
    this.header = new Headers(options.header);
    this.timeoutMs = options.timeoutMs;
    this.startedAtMs = clock.nowMs();
    this.#desc = desc;
    this.#clock = clock;
    this.#observer = observer;
  }

  get cancelled(): boolean {
    return this.end?.kind === "cancelled";
  }

  /** The script has said what happens to this attempt. */
  play(answer: ScriptedAnswer): void {
    this.#answer = answer;
    // Set before the timer of the answer: of two things at the same time, the deadline comes first.
    if (this.timeoutMs !== undefined) {
      this.#timeout = this.#clock.setTimer(() => this.#stop("timeout"), this.timeoutMs);
    }
    this.#beginWhenDue();
  }

  send({ message }: ScriptedMessage, onWritten: () => void): void {
    if (this.#writing) {
      throw new TypeError("a message was sent before the previous one was written");
    }
    this.#writing = true;
    this.messages.push(message);
    queueMicrotask(() => {
      this.#writing = false;
      onWritten();
    });
    this.#beginWhenDue();
  }

  halfClose(): void {
    this.requestEnded = true;
    this.#beginWhenDue();
  }

  requestMessage(): void {
    this.#wanted += 1;
    if (this.#begun && this.#next === undefined) {
      queueMicrotask(() => this.#goOn());
    }
  }

  cancel(): void {
    queueMicrotask(() => this.#stop("cancelled"));
  }

  /** The server goes away under the attempt. */
  lose(): void {
    this.#stop("connection_lost");
  }

  #beginWhenDue(): void {
    const answer = this.#answer;
    if (answer === undefined || this.#begun || this.#next !== undefined) {
      return;
    }
    if (this.requestEnded || this.messages.length >= (answer.afterMessages ?? Number.POSITIVE_INFINITY)) {
      this.#after(answer.delayMs, () => {
        this.#begun = true;
        if (answer.header !== undefined) {
          this.#observer.onHeader(() => new Headers(answer.header));
        }
        this.#goOn();
      });
    }
  }

  /** Delivers what is next, as soon as the client wants it: a client that does not read hears of no end either. */
  #goOn(): void {
    const answer = this.#answer;
    if (answer === undefined || this.end !== undefined || this.#next !== undefined) {
      return;
    }
    const { messages, gapMs, end } = answer;
    if (this.#delivered === messages.length) {
      this.#finish(end);
    } else if (this.#wanted > 0) {
      this.#wanted -= 1;
      const message = create(this.#desc.output, messages[this.#delivered] as MessageInitShape<DescMessage>);
      this.#delivered += 1;
      this.#after(gapMs, () => this.#goOn());
      this.#observer.onMessage(message);
    }
  }

  #finish(end: ScriptedEnd): void {
    switch (end.kind) {
      case "never":
        break;
      case "lost":
        this.#stop("connection_lost");
        break;
      case "refused":
        this.#stop("unprocessed");
        break;
      case "status":
        if (this.#wanted > 0) {
          const error = new ConnectError(end.message, end.code, end.trailer);
          error.details = end.details;
          this.#end("server", end.code, error, () => new Headers(end.trailer));
        }
        break;
    }
  }

  #stop(kind: Exclude<EndKind, "server" | "local">): void {
    const { code, message } = stops[kind];
    this.#end(kind, code, new ConnectError(message, code), () => new Headers());
  }

  #end(kind: EndKind, code: number, error: ConnectError, trailer: AttemptEnd["trailer"]): void {
    if (this.end !== undefined) {
      return;
    }
    this.end = { kind, code: statusCodeName(code), atMs: this.#clock.nowMs() };
    for (const timer of [this.#timeout, this.#next?.timer]) {
      if (timer !== undefined) {
        this.#clock.clearTimer(timer);
      }
    }
    this.#next = undefined;
    const pushback = error.metadata.get("grpc-retry-pushback-ms") ?? undefined;
    const header = (): Headers => new Headers(this.#answer?.header);
    this.#observer.onEnd({
      kind,
      code,
      peer: undefined,
      pushback,
      trailer,
      error: () => error,
      header,
      message: undefined,
    });
  }

  /** What takes no time needs no timer: it happens although nobody moves the clock. */
  #after(delayMs: number, task: () => void): void {
    const next: Next = {};
    const run = (): void => {
      if (this.#next === next) {
        this.#next = undefined;
        task();
      }
    };
    this.#next = next;
    if (delayMs > 0) {
      next.timer = this.#clock.setTimer(run, delayMs);
    } else {
      queueMicrotask(run);
    }
  }
}

const stops = {
  timeout: { code: Code.DeadlineExceeded, message: "the time of the attempt is up" },
  cancelled: { code: Code.Canceled, message: "the attempt was cancelled" },
  connection_lost: { code: Code.Unavailable, message: "the connection was lost" },
  unprocessed: { code: Code.Unavailable, message: "the connection was refused" },
} as const;
