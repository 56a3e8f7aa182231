// SPDX-License-Identifier: Apache-2.0
import { Metadata, status as Status } from "@grpc/grpc-js";
import { connectionMetadata } from "./metadata.ts";
import { type EncodedMessage, prefixBytes } from "./prepare.ts";
import {
  type ConnectionCall,
  type ConnectionListener,
  type ConnectionStatus,
  createCallOn,
  type GrpcMetadata,
  type GrpcPickResult,
} from "./surface.ts";
import { Timed } from "./timed.ts";
import { unpack } from "./unpack.ts";

/** What a unary call sends, and the time it has. */
export interface UnaryStart {
  readonly path: string;
  readonly metadata: Metadata;
  readonly request: EncodedMessage;
  /** Not longer than a timer runs. */
  readonly timeoutMs: number | undefined;
}

/**
 * A unary call on a connection that was picked for it, with what the channel of grpc-js would add: the deadline, the framing of
 * messages, their decompression, and the word to the balancer that it has begun and ended.
 */
export class DirectCall extends Timed implements ConnectionListener {
  /** Absent since the call has ended: Node.js keeps a stream, and with it this, until the next major garbage collection. */
  #listener: ConnectionListener | undefined;
  readonly #pick: GrpcPickResult;
  readonly #call: ConnectionCall;
  readonly #timeoutMs: number | undefined;
  #header: GrpcMetadata | undefined;
  #unpacking = false;
  #held: ConnectionStatus | undefined;

  /**
   * Starts the call.
   *
   * @throws When the connection was lost since it was picked; nothing was sent then.
   */
  constructor(pick: GrpcPickResult, authority: string, start: UnaryStart, listener: ConnectionListener) {
    super();
    const { path, metadata, request, timeoutMs } = start;
    this.#listener = listener;
    this.#pick = pick;
    this.#timeoutMs = timeoutMs;
    this.#call = createCallOn(pick, connectionMetadata(metadata, timeoutMs), authority, path, this);
    pick.onCallStarted?.();
    if (timeoutMs !== undefined) {
      this.startTimer(timeoutMs);
    }
    this.#call.startRead();
    this.#call.sendMessageWithContext(noContext, request.frame);
    this.#call.halfClose();
  }

  startRead(): void {
    this.#call.startRead();
  }

  cancelWithStatus(code: Status, details: string): void {
    this.#call.cancelWithStatus(code, details);
  }

  /** The address of the server. */
  get peer(): string {
    return this.#call.getPeer();
  }

  onReceiveMetadata(metadata: GrpcMetadata): void {
    this.#header = metadata;
    this.#listener?.onReceiveMetadata(metadata);
  }

  onReceiveMessage(frame: Buffer): void {
    const message = frame.subarray(prefixBytes);
    if (frame[0] === 1) {
      void this.#unpack(message);
    } else {
      this.#listener?.onReceiveMessage(message);
    }
  }

  onReceiveStatus(status: ConnectionStatus): void {
    if (this.#unpacking) {
      this.#held = status;
      return;
    }
    this.stopTimer();
    this.#pick.onCallEnded?.(status.code, status.details, status.metadata);
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onReceiveStatus(status);
  }

  protected onTimeUp(): void {
    const afterS = ((this.#timeoutMs ?? 0) / 1000).toFixed(3);
    this.#call.cancelWithStatus(
      Status.DEADLINE_EXCEEDED,
      `Deadline exceeded after ${afterS}s,remote_addr=${this.#call.getPeer()}`,
    );
  }

  async #unpack(packed: Buffer): Promise<void> {
    // The status comes after the message, which is not there yet.
    this.#unpacking = true;
    const [encoding] = this.#header?.get("grpc-encoding") ?? [];
    const message = await unpack(packed, typeof encoding === "string" ? encoding : undefined);
    this.#unpacking = false;
    if (Buffer.isBuffer(message)) {
      this.#listener?.onReceiveMessage(message);
    } else {
      this.#call.cancelWithStatus(message.code, message.details);
      this.#held &&= { code: message.code, details: message.details, metadata: new Metadata() };
    }
    if (this.#held !== undefined) {
      this.onReceiveStatus(this.#held);
    }
  }
}

const noContext = {};
