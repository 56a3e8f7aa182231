// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import type { CallHooks } from "./call-hooks.ts";
import {
  type Check,
  type Checks,
  checkFields,
  isRecord,
  kindOf,
  listOf,
  optional,
  text,
  unknownName,
} from "./check-fields.ts";
import type { ClientExtensions } from "./client-extensions.ts";
import { headerNamesCheck } from "./context/header-names.ts";

/** A value of one kind; `remedy` says what to write instead. */
function kind(is: (value: unknown) => boolean, remedy: string): Check {
  return (value) => (is(value) ? undefined : `must be ${remedy}, not ${kindOf(value)}`);
}

const isFunction = (value: unknown): boolean => typeof value === "function";

/** An object that an application may have made in its own way, with a method of this name. */
function having(method: string): (value: unknown) => boolean {
  return (value) => isFunction((value as Readonly<Record<string, unknown>> | null | undefined)?.[method]);
}

/** What gives tokens. */
export const credentialsCheck: Check = optional(
  kind(having("token"), 'a provider with the method token(), e.g. staticToken("…")'),
);

const hookNames: readonly (keyof CallHooks)[] = Object.keys({
  onCallStart: true,
  onAttemptStart: true,
  onAttemptEnd: true,
  onRetry: true,
  onRefused: true,
  onCallEnd: true,
} satisfies Record<keyof CallHooks, true>) as (keyof CallHooks)[];

/** Hooks written as an object have hooks alone. One of a class may have fields for its own use. */
const hooksCheck: Check = (value, path) => {
  if (!isRecord(value)) {
    return `must be an object of functions, e.g. { onCallEnd(end) {} }, not ${kindOf(value)}`;
  }
  const own = Object.getPrototypeOf(value) === Object.prototype ? Object.keys(value) : [];
  const unknown = own.filter((name) => !hookNames.some((known) => known === name));
  const unusable = hookNames.filter((name) => value[name] !== undefined && !isFunction(value[name]));
  return [
    ...unknown.map((name) => ({ path: `${path}.${name}`, message: unknownName(name, hookNames) })),
    ...unusable.map((name) => ({ path: `${path}.${name}`, message: `must be a function, not ${kindOf(value[name])}` })),
  ];
};

/** What can be added to a client, or to all of a process. */
export const extensionChecks: Checks<keyof ClientExtensions> = {
  telemetry: optional(
    kind((value) => value === "off" || having("observeMethod")(value), '"off", or what createOpenTelemetry() makes'),
  ),
  hooks: optional(hooksCheck),
  headers: headerNamesCheck,
  interceptors: optional(listOf("Connect interceptors", kind(isFunction, "a function, a Connect interceptor"))),
};

const pemFile: Checks = { file: kind((value) => typeof value === "string", "the path of a file") };

const pem: Check = (value, path) => {
  if (typeof value === "string" || ArrayBuffer.isView(value)) {
    return undefined;
  }
  return isRecord(value)
    ? checkFields(value, path, pemFile, ["file"])
    : `must be a text in PEM, or { file: "…" }, not ${kindOf(value)}`;
};

const tlsChecks: Checks = { ca: optional(pem), cert: optional(pem), key: optional(pem) };

/** What TLS connections are made with. */
export const tlsCheck: Check = optional((value, path) =>
  isRecord(value)
    ? checkFields(value, path, tlsChecks)
    : `must be an object, e.g. { ca: { file: "/etc/tls/ca.pem" } }, not ${kindOf(value)}`,
);

/** Values for placeholders. */
export const identityCheck: Check = optional((value, path) =>
  isRecord(value)
    ? Object.entries(value).flatMap(([name, field]) =>
        field === undefined || typeof field === "string"
          ? []
          : [{ path: `${path}.${name}`, message: `must be a text, e.g. "7", not ${kindOf(field)}` }],
      )
    : `must be an object, e.g. { shard: "7" }, not ${kindOf(value)}`,
);

/** What is looked into elsewhere. */
export const objectCheck: Check = optional(kind(isRecord, "an object"));

/** A text that may be left out. */
export const optionalText: Check = optional(text);

/**
 * Checks that a client is opened with a contract, and not with what a contract is made of.
 *
 * @throws ConnectError INVALID_ARGUMENT saying what to write instead.
 */
export function checkContract(opener: string, contract: unknown): void {
  if (isRecord(contract) && isRecord(contract.descriptor) && Array.isArray(contract.methods)) {
    return;
  }
  const { kind: of, name } = (isRecord(contract) ? contract : {}) as { kind?: unknown; name?: unknown };
  const [given, service] = of === "service" ? [`the descriptor of ${name}`, name] : [kindOf(contract), "OrderService"];
  throw new ConnectError(
    `${opener}() needs a contract and was given ${given}: write contractOf(${service}), or the contract that was generated`,
    Code.InvalidArgument,
  );
}
