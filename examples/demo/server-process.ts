// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from "node:child_process";
import { on, once } from "node:events";
import type { CertifiedKey } from "../../test/support/certificates.ts";
import { compileCache } from "../../test/support/compile-cache.ts";
import { cleanUp } from "./cleanup.ts";
import { emptyTally, type Tally } from "./ledger.ts";
import type { ServerMessage, ServerRequest, ServerSettings, ServiceName } from "./server.ts";
import type { Behaviour } from "./shop.ts";

/** A server in a process of its own. Disposing of it kills it. */
export interface ServerProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** The gRPC name of this one server. */
  readonly target: string;
  /** Asks the server what it has seen of a method, e.g. `GetOrder`. */
  tally(method: string): Promise<Tally>;
  /** `kill -9`. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Asks it to leave, as a cluster does: SIGTERM. Resolves with its exit code when the process is gone. */
  leave(): Promise<number | null>;
  /** Starts the same again, on the same port, after it was killed. What it had seen is forgotten. */
  restart(): Promise<ServerProcess>;
}

/** How a server is started. */
export interface ServerOptions {
  /** Default: the service's. */
  readonly name?: string;
  /** Default: `healthy`. */
  readonly behaviour?: Behaviour;
  /** Default: plaintext. */
  readonly tls?: CertifiedKey;
}

/** Starts a server process, and waits until it listens. */
export async function startServer(
  service: ServiceName,
  { name = service, behaviour = "healthy", tls }: ServerOptions = {},
): Promise<ServerProcess> {
  return launch({ service, name, behaviour, port: 0, tls });
}

/** Several servers behind one target, as replicas behind a DNS name would be. */
export interface Fleet extends AsyncDisposable {
  readonly servers: readonly ServerProcess[];
  /** The gRPC name of them all: a list of addresses. */
  readonly target: string;
}

/** Starts servers `<service>-1`, `<service>-2` and so on, one for each behaviour. */
export async function startFleet(service: ServiceName, behaviours: readonly Behaviour[]): Promise<Fleet> {
  const servers = await Promise.all(
    behaviours.map((behaviour, index) => startServer(service, { name: `${service}-${index + 1}`, behaviour })),
  );
  return {
    servers,
    target: `ipv4:${servers.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((server) => server.kill()));
    },
  };
}

const ask: ServerRequest = "ledger";

async function launch(settings: ServerSettings): Promise<ServerProcess> {
  const child = fork(new URL("./server.ts", import.meta.url), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
  });
  const running = cleanUp(() => child.kill("SIGKILL"));
  child.send(settings);
  const { port } = await answer(child, settings.name, "ready");
  const kill = async (): Promise<void> => {
    const gone = isGone(child) ? undefined : once(child, "exit");
    running[Symbol.dispose]();
    await gone;
  };
  return {
    name: settings.name,
    pid: child.pid ?? 0,
    port,
    target: `ipv4:127.0.0.1:${port}`,
    async tally(method) {
      const answered = answer(child, settings.name, "ledger");
      child.send(ask, () => {});
      const { ledger } = await answered;
      return ledger[method] ?? emptyTally;
    },
    kill,
    async leave() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const [exitCode] = await gone;
      return exitCode;
    },
    restart: () => launch({ ...settings, port }),
    [Symbol.asyncDispose]: kill,
  };
}

/** Waits for the next message of a kind, but no longer than the process lives. */
async function answer<K extends ServerMessage["kind"]>(child: ChildProcess, name: string, kind: K): Promise<Said<K>> {
  const gone = new AbortController();
  const onExit = (): void => gone.abort(new Error(`the server ${name} is gone`));
  child.once("exit", onExit);
  if (isGone(child)) {
    onExit();
  }
  try {
    for await (const [message] of on(child, "message", { signal: gone.signal }) as AsyncIterable<[ServerMessage]>) {
      if (message.kind === kind) {
        return message as Said<K>;
      }
    }
  } finally {
    child.off("exit", onExit);
  }
  throw gone.signal.reason;
}

type Said<K extends ServerMessage["kind"]> = Extract<ServerMessage, { readonly kind: K }>;

function isGone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
