// SPDX-License-Identifier: Apache-2.0
import type { Command } from "../command.ts";

/** `talaria doctor`. What it needs is loaded when it runs: the other commands start without a gRPC library. */
export const doctorCommand: Command = {
  name: "doctor",
  summary: "Find out why a server is not reached, or not as its contract says",
  usage: "[--proto DIR | --image FILE] [--service NAME] [OPTIONS] TARGET",
  help: [
    "Resolves the target as a client does, connects to every address of it, and shows for each: TCP, TLS and the certificate,",
    "HTTP/2, identity, health, what the server says about its service, keepalive, and on Linux unacknowledged bytes and",
    "retransmits. With --proto or --image, all is held against the contract. It calls grpc.health.v1 and server reflection",
    "only, never a method of the service.",
    "",
    "TARGET is what a client is opened with: dns:///name:port, dns://server:53/name:port, static:///a:port,b:port,",
    "srv:///_grpc._tcp.name, or name:port. Connections use TLS unless the contract says PLAINTEXT, or --plaintext does.",
    "",
    "Exit codes: 0 nothing is wrong, warnings apart; 1 there is a problem; 2 wrong usage, or input that does not compile.",
  ],
  options: [
    { name: "proto", value: "DIR", summary: "The buf module or workspace with the contract to compare with." },
    { name: "image", value: "FILE", summary: "The same, compiled: a buf image or FileDescriptorSet." },
    { name: "service", value: "NAME", summary: "The service to ask for. Needed with --proto where there are several." },
    { name: "identity", value: "NAME=VALUE", summary: "For placeholders of server identities: shard=7,zone=b." },
    { name: "ca", value: "FILE", summary: "The authorities to trust, as PEM; those of Node.js when absent." },
    { name: "cert", value: "FILE", summary: "The client's certificate, as PEM." },
    { name: "key", value: "FILE", summary: "The key of the client's certificate, as PEM." },
    { name: "server-name", value: "NAME", summary: "The name to ask for in TLS (SNI), instead of the target's." },
    { name: "plaintext", summary: "Connect without TLS." },
    { name: "token-file", value: "FILE", summary: "Call with the bearer token in this file. It is never shown." },
    { name: "token-env", value: "NAME", summary: "Call with the bearer token in this environment variable." },
    {
      name: "token-over-plaintext",
      summary: "Send the token without TLS, too, where everybody on the way can read it.",
    },
    { name: "pid", value: "PID", summary: "Show the connections of this process to the target, too (Linux)." },
    {
      name: "keepalive-probe",
      value: "SECONDS",
      summary: "Ping at the contract's rate for so long, and see whether the server permits it.",
    },
    {
      name: "timeout-ms",
      value: "MS",
      summary: "The most that all may take, 20000 when absent; a probe comes on top.",
    },
    { name: "format", value: "FORMAT", choices: ["text", "json"], summary: "text (default) or json." },
  ],
  run: async (args, surroundings) => (await import("./run-doctor.ts")).runDoctor(args, surroundings),
};
