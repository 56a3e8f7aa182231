// SPDX-License-Identifier: Apache-2.0
import {
  create,
  type DescMethod,
  type DescMethodStreaming,
  type DescMethodUnary,
  type Message,
} from "@bufbuild/protobuf";
import {
  type CallOptions,
  Code,
  ConnectError,
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type StreamResponse,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { CallEntry } from "./call-entry.ts";
import type { Clock } from "./clock.ts";
import type { InnerCallOptions } from "./context/propagate.ts";

/** What a call is wrapped in. */
export interface Interception {
  /** The first is the outermost. */
  readonly interceptors: readonly Interceptor[];
  readonly target: string;
  readonly clock: Clock;
  /** How long a call with these options may take, in milliseconds; `Infinity` when nothing limits it. */
  timeoutMs(options: InnerCallOptions): number;
}

/** Makes a unary call inside of interceptors. `call` makes it without them. */
export async function interceptUnary(
  { interceptors, target, clock, timeoutMs }: Interception,
  method: DescMethodUnary,
  input: Message,
  options: CallOptions,
  call: (message: Message, options: InnerCallOptions) => Promise<Message>,
): Promise<Message> {
  const entry = new CallEntry(clock);
  const signal = options.signal ?? new AbortController().signal;
  const neverAborts = options.signal === undefined ? signal : undefined;
  const next = async (request: UnaryRequest): Promise<UnaryResponse> => {
    const late = entry.enter();
    if (late !== undefined) {
      return late;
    }
    let answer: Answer = emptyAnswer;
    const message = await call(request.message, {
      ...optionsOf(request, options, neverAborts),
      elapsedMs: entry.elapsedMs,
      onAnswer(came) {
        answer = came;
      },
    });
    return responseOf(method, message, answer);
  };
  const request: UnaryRequest = {
    ...requestOf(target, method, options, signal),
    stream: false,
    method,
    message: create(method.input, input),
  };
  try {
    const response = await entry.watch(
      run<UnaryResponse>(next as Next, interceptors, request),
      (elapsedMs) => timeoutMs({ ...options, elapsedMs }),
      (elapsedMs) => failing(call(request.message, { ...options, elapsedMs, isLate: true })),
    );
    options.onHeader?.(response.header);
    options.onTrailer?.(response.trailer);
    return response.message;
  } catch (error) {
    throw ConnectError.from(error);
  }
}

/** Makes a streaming call inside of interceptors, at once. `call` makes it without them. */
export function interceptStream(
  { interceptors, target, clock, timeoutMs }: Interception,
  method: DescMethodStreaming,
  input: AsyncIterable<Message>,
  options: CallOptions,
  call: (input: AsyncIterable<Message>, options: InnerCallOptions) => AsyncIterableIterator<Message>,
): AsyncIterableIterator<Message, undefined> {
  const entry = new CallEntry(clock);
  // Interceptors may hold back what they are given, so that a reader who leaves could not tell the call by its messages.
  const left = new AbortController();
  const release = forwardAbort(options.signal, left);
  const next = async (request: StreamRequest): Promise<StreamResponse> => {
    const late = entry.enter();
    if (late !== undefined) {
      return late;
    }
    // Interceptors may make it several times, at any time.
    const onEnd = forwardAbort(options.signal, left);
    const { promise: headerCame, resolve: onHeaderCame } = Promise.withResolvers<void>();
    const header = new Headers();
    const trailer = new Headers();
    const messages = call(request.message, {
      ...optionsOf(request, options, undefined),
      elapsedMs: entry.elapsedMs,
      onHeader(came) {
        copy(came, header);
        onHeaderCame();
      },
      onTrailer: (came) => copy(came, trailer),
      onEnd,
    });
    const first = messages.next();
    await Promise.race([headerCame, first]);
    return { stream: true, service: method.parent, method, header, trailer, message: resume(first, messages) };
  };
  const request: StreamRequest = {
    ...requestOf(target, method, options, left.signal),
    stream: true,
    method,
    message: createAll(method, input),
  };
  const response = entry.watch(
    run<StreamResponse>(next as Next, interceptors, request),
    (elapsedMs) => timeoutMs({ ...options, elapsedMs }),
    (elapsedMs) => failing(call(request.message, { ...options, signal: left.signal, elapsedMs, isLate: true }).next()),
  );
  // A reader who never comes must not make its failure an unhandled one.
  response.then(release, release);
  const messages = readResponse(response, options);
  return {
    next: () => messages.next(),
    return() {
      left.abort(new DOMException("the reader of the stream has left", "AbortError"));
      return messages.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Passes an abort on until the function it returns is called, so that nothing stays behind on a signal that outlives the call. */
function forwardAbort(from: AbortSignal | undefined, to: AbortController): () => void {
  const forward = (): void => to.abort(from?.reason);
  if (from?.aborted) {
    forward();
  }
  from?.addEventListener("abort", forward);
  return () => from?.removeEventListener("abort", forward);
}

type Answer = Parameters<NonNullable<InnerCallOptions["onAnswer"]>>[0];

const emptyAnswer: Answer = { header: () => new Headers(), trailer: () => new Headers() };

function responseOf(method: DescMethodUnary, message: Message, answer: Answer): UnaryResponse {
  const response = { stream: false, service: method.parent, method, message, [answered]: answer };
  Object.defineProperty(response, "header", lazyHeader);
  Object.defineProperty(response, "trailer", lazyTrailer);
  return response as unknown as UnaryResponse;
}

const answered = Symbol("answer");

/** What a response has its headers from. */
interface Answered {
  readonly [answered]: Answer;
}

// Nobody may ask for the headers, and to make them costs more than all else here. They are properties of each response, so that
// a copy of it has them; the functions are the same for all, since V8 keeps what a function of one object refers to for long.
const lazyHeader = lazily("header", (answer) => answer.header());
const lazyTrailer = lazily("trailer", (answer) => answer.trailer());

function lazily(name: "header" | "trailer", make: (answer: Answer) => Headers): PropertyDescriptor {
  return {
    enumerable: true,
    configurable: true,
    get(this: Answered) {
      const value = make(this[answered]);
      if (Object.isExtensible(this)) {
        Object.defineProperty(this, name, { value, enumerable: true, configurable: true, writable: true });
      }
      return value;
    },
  };
}

/** A late call can do nothing but fail. */
async function failing(call: Promise<unknown>): Promise<never> {
  await call;
  throw new ConnectError("a call that came too late was made all the same", Code.Internal);
}

type Next = ReturnType<Interceptor>;

async function run<R>(next: Next, interceptors: readonly Interceptor[], request: Parameters<Next>[0]): Promise<R> {
  const outermost = interceptors.reduceRight((inner, interceptor) => interceptor(inner), next);
  return outermost(request) as Promise<R>;
}

function requestOf(
  target: string,
  method: DescMethod,
  { headers, contextValues }: CallOptions,
  signal: AbortSignal,
): Omit<UnaryRequest, "stream" | "method" | "message"> {
  return {
    service: method.parent,
    requestMethod: "POST",
    url: `${target}/${method.parent.typeName}/${method.name}`,
    signal,
    header: new Headers(headers),
    contextValues: contextValues ?? createContextValues(),
  };
}

/** The options of the call inside, which are the request's. What nobody has set costs nothing there. */
function optionsOf(
  request: UnaryRequest | StreamRequest,
  options: CallOptions,
  neverAborts: AbortSignal | undefined,
): CallOptions {
  const { header, contextValues, signal } = request;
  const { headers: _headers, signal: _signal, onHeader: _onHeader, onTrailer: _onTrailer, ...others } = options;
  return {
    ...others,
    contextValues,
    ...(!header.keys().next().done && { headers: header }),
    ...(signal !== neverAborts && { signal }),
  };
}

function copy(from: Headers, to: Headers): void {
  from.forEach((value, name) => {
    to.append(name, value);
  });
}

async function* createAll(method: DescMethod, input: AsyncIterable<Message>): AsyncGenerator<Message> {
  for await (const message of input) {
    yield create(method.input, message);
  }
}

async function* resume(
  first: Promise<IteratorResult<Message>>,
  rest: AsyncIterableIterator<Message>,
): AsyncGenerator<Message> {
  const { done, value } = await first;
  if (!done) {
    yield value;
    yield* rest;
  }
}

async function* readResponse(
  response: Promise<StreamResponse>,
  { onHeader, onTrailer }: CallOptions,
): AsyncGenerator<Message, undefined> {
  try {
    const { header, message, trailer } = await response;
    onHeader?.(header);
    yield* message;
    onTrailer?.(trailer);
  } catch (error) {
    throw ConnectError.from(error);
  }
}
