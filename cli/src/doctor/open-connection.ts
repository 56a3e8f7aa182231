// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2, type Settings } from "node:http2";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Address } from "@talaria/runtime/diagnose";
import type { Budget } from "./budget.ts";
import type { Security } from "./doctor-plan.ts";

/** Opens a TCP connection. The scope owns the socket. */
export async function openTcp({ host, port = 0 }: Address, budget: Budget, scope: DisposableStack): Promise<Socket> {
  const socket = connectTcp({ host, port });
  scope.defer(() => socket.destroy());
  // After the wait, an error shows as a connection that is closed.
  socket.on("error", () => {});
  await budget.wait(once(socket, "connect"));
  return socket;
}

/**
 * Makes a TLS connection of a TCP connection, as a client would, but with any certificate: the certificate that a client refuses
 * is what somebody wants to see.
 */
export async function openTls(
  socket: Socket,
  { context, serverName }: Extract<Security, { kind: "tls" }>,
  budget: Budget,
  scope: DisposableStack,
): Promise<TLSSocket> {
  const secured = connectTls({
    socket,
    ALPNProtocols: ["h2"],
    secureContext: context,
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(serverName === undefined || isIP(serverName) !== 0 ? {} : { servername: serverName }),
  });
  scope.defer(() => secured.destroy());
  secured.on("error", () => {});
  await budget.wait(once(secured, "secureConnect"));
  return secured;
}

/** A connection that gRPC calls can be made on. */
export interface OpenSession {
  readonly session: ClientHttp2Session;
  /** What the server permits. */
  readonly settings: Settings;
}

/** Speaks HTTP/2 on a connection, and waits for the settings of the server: a server that is mute sends none. */
export async function openHttp2(
  socket: Socket,
  authority: string,
  budget: Budget,
  scope: DisposableStack,
): Promise<OpenSession> {
  const scheme = "encrypted" in socket ? "https" : "http";
  const session = connectHttp2(`${scheme}://${authority}`, { createConnection: () => socket });
  scope.defer(() => session.destroy());
  session.on("error", () => {});
  const [settings] = await budget.wait(Promise.race([once(session, "remoteSettings"), lossOf(socket, session)]));
  return { session, settings };
}

/** Rejects when the connection is lost. What TLS has to say against its client comes after the handshake, and to the socket alone. */
function lossOf(socket: Socket, session: ClientHttp2Session): Promise<never> {
  const lost = new Promise<never>((_, reject) => {
    const onClose = (): void => reject(socket.errored ?? new Error("the server closed the connection"));
    for (const end of [socket, session]) {
      end.once("error", reject);
      end.once("close", onClose);
    }
  });
  lost.catch(() => {});
  return lost;
}
