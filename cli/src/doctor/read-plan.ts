// SPDX-License-Identifier: Apache-2.0
import { isIP } from "node:net";
import { resolve } from "node:path";
import { ConnectError } from "@connectrpc/connect";
import { formatDiagnostic, inspectService } from "@talaria/contract";
import { authorityOf, fillIdentities, openTlsMaterial, parseTarget } from "@talaria/runtime/diagnose";
import type { Arguments, Surroundings } from "../command.ts";
import { compileProtos, readImage } from "../protos/load-protos.ts";
import { selectServices } from "../protos/select-services.ts";
import { UserError } from "../user-error.ts";
import type { DoctorPlan, Expected, Security } from "./doctor-plan.ts";
import { checkTokenSecrecy, readToken } from "./read-token.ts";

/** What the contract has by default. */
const defaultConnectTimeoutMs = 5000;
const defaultTimeoutMs = 20_000;

/**
 * Makes a plan of what the user wrote.
 *
 * @throws UserError for what cannot be done, with what to write instead.
 */
export async function readPlan({ paths, values, flags }: Arguments, surroundings: Surroundings): Promise<DoctorPlan> {
  const [written, second] = paths;
  if (written === undefined || second !== undefined) {
    throw new UserError("talaria doctor needs one target, e.g. `talaria doctor dns:///orders.shop:443`.");
  }
  const target = withoutFamily(written);
  const parsed = sayingWhy(() => parseTarget(target));
  if (parsed === undefined) {
    throw new UserError(
      `talaria doctor cannot resolve ${written}: it knows dns:///name:port, static:///a:port,b:port, srv:///_grpc._tcp.name, ` +
        "ipv4:address:port, ipv6:[address]:port, and name:port.",
    );
  }
  const keepaliveProbe = values.get("keepalive-probe");
  const timeoutMs = wholeNumber("timeout-ms", values.get("timeout-ms")) ?? defaultTimeoutMs;
  const pid = wholeNumber("pid", values.get("pid"));
  const keepaliveProbeMs = wholeNumber("keepalive-probe", keepaliveProbe);
  const expected = await readExpected(values, surroundings);
  if (keepaliveProbeMs !== undefined && expected === undefined) {
    throw new UserError("--keepalive-probe pings as often as a contract says: pass --proto DIR or --image FILE.");
  }
  const security = readSecurity(target, expected, { values, flags }, surroundings);
  const token = readToken({ values, flags }, surroundings);
  checkTokenSecrecy(token, security, expected, flags);
  return {
    target: written,
    parsed,
    authority: authorityOf(target),
    service: expected?.contract.service ?? values.get("service"),
    expected,
    security,
    token,
    connectTimeoutMs: expected?.contract.connection.connectTimeoutMs ?? defaultConnectTimeoutMs,
    timeoutMs,
    keepaliveProbeMs: keepaliveProbeMs === undefined ? undefined : keepaliveProbeMs * 1000,
    pid,
  };
}

/** Lists of addresses, which grpc-js resolves itself, are what `static:` is to us. */
function withoutFamily(target: string): string {
  return target.replace(/^ipv[46]:(?:\/\/\/)?/i, "static:///");
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 2_147_483_647) {
    throw new UserError(`--${name} is "${text}", and has to be a whole number from 1 to 2147483647.`);
  }
  return number;
}

async function readExpected(
  values: ReadonlyMap<string, string>,
  surroundings: Surroundings,
): Promise<Expected | undefined> {
  const [proto, image, name] = [values.get("proto"), values.get("image"), values.get("service")];
  if (proto !== undefined && image !== undefined) {
    throw new UserError("talaria doctor reads either --proto or --image. Leave out one of them.");
  }
  if (proto === undefined && image === undefined) {
    return undefined;
  }
  const { services } =
    image === undefined ? await compileProtos(proto ?? ".", surroundings) : readImage(image, surroundings);
  const inspections = (name === undefined ? services : selectServices(services, name)).map((each) =>
    inspectService(each),
  );
  const candidates = name === undefined ? inspections.filter(({ annotated }) => annotated) : inspections;
  const [inspection, another] = candidates;
  if (inspection === undefined || another !== undefined) {
    const names = candidates.map(({ service }) => service.typeName).join(", ");
    const why = inspection === undefined ? "no service there has a contract" : `there are ${names}`;
    throw new UserError(`Which service do you mean? Pass --service NAME: ${why}.`);
  }
  const [broken] = inspection.diagnostics.filter(({ severity }) => severity === "error");
  if (broken !== undefined) {
    throw new UserError(`The contract of ${inspection.service.typeName} has an error: ${formatDiagnostic(broken)}`);
  }
  return { service: inspection.service, inspection, contract: inspection.contract };
}

function readSecurity(
  target: string,
  expected: Expected | undefined,
  { values, flags }: Pick<Arguments, "values" | "flags">,
  { folder }: Surroundings,
): Security {
  const tlsOptions = ["ca", "cert", "key", "server-name"].filter((name) => values.has(name));
  const declared = expected?.contract.transportSecurity;
  if (flags.has("plaintext")) {
    if (tlsOptions.length > 0) {
      throw new UserError(`--plaintext and --${tlsOptions[0]} contradict each other. Leave out one of them.`);
    }
    return { kind: "plaintext" };
  }
  if (declared?.mode === "PLAINTEXT" && tlsOptions.length === 0) {
    return { kind: "plaintext" };
  }
  if (values.has("cert") !== values.has("key")) {
    throw new UserError("--cert and --key go together: one is of no use without the other.");
  }
  const file = (name: string): { file: string } | undefined => {
    const path = values.get(name);
    return path === undefined ? undefined : { file: resolve(folder, path) };
  };
  const [ca, cert, key] = [file("ca"), file("cert"), file("key")];
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return {
    kind: "tls",
    context: sayingWhy(() => openTlsMaterial(tls, false)()),
    ...readIdentities(target, expected, values),
    caFile: values.get("ca"),
    hasCertificate: cert !== undefined,
  };
}

/** As `openChannel` decides it. */
function readIdentities(
  target: string,
  expected: Expected | undefined,
  values: ReadonlyMap<string, string>,
): Pick<Extract<Security, { kind: "tls" }>, "serverName" | "identities" | "wantedBy"> {
  const declared = fillDeclared(expected, values.get("identity"));
  const host = authorityOf(target)
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "");
  const forced = values.get("server-name");
  const asked = isIP(host) === 0 ? host : declared.find((identity) => !identity.startsWith("spiffe://"));
  const serverName = forced ?? asked;
  if (declared.length > 0) {
    return { serverName, identities: declared, wantedBy: "contract" };
  }
  return { serverName, identities: [serverName ?? host], wantedBy: forced === undefined ? "target" : "--server-name" };
}

function fillDeclared(expected: Expected | undefined, written: string | undefined): readonly string[] {
  const given = Object.fromEntries(
    (written ?? "")
      .split(",")
      .filter((pair) => pair !== "")
      .map((pair) => {
        const [, name = "", value = ""] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
        if (name === "") {
          throw new UserError(`--identity is "${written}", and has to be NAME=VALUE, e.g. --identity shard=7.`);
        }
        return [name, value];
      }),
  );
  const declared = expected?.contract.transportSecurity.serverIdentity ?? [];
  for (const identity of declared) {
    const missing = [...identity.matchAll(/\{([A-Za-z][A-Za-z0-9_]*)\}/g)].find(
      ([, name = ""]) => !Object.hasOwn(given, name),
    );
    if (missing !== undefined) {
      throw new UserError(
        `The contract wants the server identity "${identity}": pass --identity ${missing[1]}=VALUE for ${missing[0]}.`,
      );
    }
  }
  return sayingWhy(() => fillIdentities(expected?.contract.service ?? "", declared, given));
}

/** What the run time says about its arguments is what the user has to know. */
function sayingWhy<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ConnectError ? new UserError(error.rawMessage) : error;
  }
}
