// SPDX-License-Identifier: Apache-2.0
import type { ValueFinding } from "./check-value.ts";

/** Checks an entry of `server_identity`: a DNS name or a SPIFFE ID of a workload, with placeholders. */
export function checkServerIdentity(identity: string): ValueFinding | undefined {
  const problem = identityProblem(identity);
  if (problem === undefined) {
    return undefined;
  }
  const message =
    `transport_security.server_identity has ${JSON.stringify(identity)}: ${problem}. No certificate could match it. ` +
    "Write a DNS name such as orders.shop.example, or a SPIFFE ID such as spiffe://shop.example/orders; " +
    "placeholders look like {shard}.";
  return { code: "server-identity-malformed", severity: "error", message };
}

function identityProblem(identity: string): string | undefined {
  if (identity === "") {
    return "it is empty";
  }
  // A placeholder stands for a part of a name, so one that is well formed may stand wherever a letter may.
  const filled = identity.replace(/\{[A-Za-z][A-Za-z0-9_]*\}/g, "x");
  if (/[{}]/.test(filled)) {
    return "a placeholder is a letter, then letters, digits and _, between one { and one }";
  }
  return filled.includes("://") ? spiffeProblem(filled) : dnsProblem(filled);
}

function spiffeProblem(uri: string): string | undefined {
  const [, trustDomain, path] = /^spiffe:\/\/([^/]*)(.*)$/.exec(uri) ?? [];
  if (trustDomain === undefined || path === undefined) {
    return "its scheme is not spiffe://";
  }
  if (!/^[a-z0-9._-]{1,255}$/.test(trustDomain)) {
    return 'its trust domain is not made of lower-case letters, digits, ".", "-" and "_"';
  }
  if (path === "" || path === "/") {
    return "it names a trust domain and no workload in it";
  }
  const segments = path.slice(1).split("/");
  if (segments.some((segment) => !/^[A-Za-z0-9._-]+$/.test(segment) || segment === "." || segment === "..")) {
    return 'its path is not made of segments of letters, digits, ".", "-" and "_"';
  }
  return uri.length > 2048 ? "it is longer than 2048 bytes" : undefined;
}

function dnsProblem(name: string): string | undefined {
  if (name.includes("*")) {
    return "it has a wildcard; certificates may, but an expectation must be exact";
  }
  if (/:\d+$/.test(name)) {
    return "it has a port, and certificates carry none";
  }
  const labels = name.split(".");
  if (name.length > 253 || labels.some((label) => !/^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))) {
    return "it is no DNS name";
  }
  return undefined;
}
