// SPDX-License-Identifier: Apache-2.0
import type { SecureContext } from "node:tls";
import type { DescService } from "@bufbuild/protobuf";
import type { ServiceContract, ServiceInspection } from "@talaria/contract";
import type { DiscoveryTarget } from "@talaria/runtime/diagnose";

/** What the doctor is asked to find out, checked and complete. */
export interface DoctorPlan {
  /** As the user wrote it. */
  readonly target: string;
  readonly parsed: DiscoveryTarget;
  /** `:authority` of calls. */
  readonly authority: string;
  /** The full name of the service that is asked for. Absent: only the server as a whole is looked at. */
  readonly service: string | undefined;
  /** What the service has to be, where the `.proto` was given. */
  readonly expected: Expected | undefined;
  readonly security: Security;
  /** The bearer token that calls carry. It is never shown. */
  readonly token: string | undefined;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  /** How long to ping at the contract's rate. Absent: not at all. */
  readonly keepaliveProbeMs: number | undefined;
  /** Another process whose connections are shown. */
  readonly pid: number | undefined;
}

/** What a `.proto` says about the service. */
export interface Expected {
  readonly service: DescService;
  readonly inspection: ServiceInspection;
  readonly contract: ServiceContract;
}

/** How connections are secured. */
export type Security =
  | { readonly kind: "plaintext" }
  | {
      readonly kind: "tls";
      readonly context: SecureContext;
      /** What to ask for in the handshake (SNI). Absent: the target is an address, and nothing is declared. */
      readonly serverName: string | undefined;
      /** One of which the server must present: those of the contract, else the name asked for. */
      readonly identities: readonly string[];
      /** Who wants these identities. */
      readonly wantedBy: "contract" | "target" | "--server-name";
      /** The authorities that are trusted, as the user named their file. Absent: those of Node.js. */
      readonly caFile: string | undefined;
      /** Whether the client has a certificate to present. */
      readonly hasCertificate: boolean;
    };
