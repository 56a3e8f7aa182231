// SPDX-License-Identifier: Apache-2.0

// What a client does on its way to a server, in single steps, for `talaria doctor`. Internal: it changes with any version.
export { checkIdentities, fillIdentities, subjectNames } from "../grpc-js/identity.ts";
export type { Address, Answer } from "../grpc-js/resolver/answer.ts";
export { formatAddress } from "../grpc-js/resolver/answer.ts";
export { createLookup } from "../grpc-js/resolver/lookup.ts";
export type { NameQuery } from "../grpc-js/resolver/name-poller.ts";
export type { DiscoveryTarget, HostPort } from "../grpc-js/resolver/target.ts";
export { authorityOf, parseTarget } from "../grpc-js/resolver/target.ts";
export { openTlsMaterial } from "../grpc-js/tls-material.ts";
export { statusCodeName } from "../status-code.ts";
