// SPDX-License-Identifier: Apache-2.0
import { NotInTime } from "./budget.ts";
import { type Finding, worstOf } from "./check.ts";
import { compareServices } from "./compare-services.ts";
import type { DoctorPlan, Expected } from "./doctor-plan.ts";
import type { GrpcPeer } from "./grpc-call.ts";
import { tokenHint } from "./read-token.ts";
import { type Reflection, reflect, reflectService } from "./reflection.ts";

/** Compares the contract with what the server says about itself, by server reflection alone: no method of it is called. */
export async function checkContract(plan: DoctorPlan, peer: GrpcPeer): Promise<Finding> {
  const startedMs = performance.now();
  const reflection = await reflect(peer);
  const finding = await judge(reflection, plan, peer);
  return { ...finding, elapsedMs: performance.now() - startedMs };
}

async function judge(reflection: Reflection, plan: DoctorPlan, peer: GrpcPeer): Promise<Finding> {
  const { service, expected } = plan;
  if (reflection.kind === "refused") {
    const why =
      reflection.status === "UNIMPLEMENTED"
        ? "the server offers no reflection"
        : `the server refuses reflection: ${reflection.status} ${reflection.message}`.trimEnd();
    const message = `${why}, so what it serves is not known: methods are never called to find out`;
    const details = tokenHint([reflection.status], plan);
    return { verdict: "skipped", message, details, data: { reflection: null } };
  }
  const { version, services } = reflection;
  const own = services.filter((name) => !/^grpc\.(health|reflection)\./.test(name));
  const data = { reflection: version, services };
  const serves = `the server has ${own.join(", ") || "no services"}`;
  if (service === undefined) {
    return { verdict: "ok", message: `${serves}; pass --service and --proto to compare`, data };
  }
  if (!services.includes(service)) {
    return { verdict: "problem", message: `the server does not have ${service}`, details: [serves], data };
  }
  return expected === undefined
    ? { verdict: "ok", message: `the server has ${service}; pass --proto to compare`, data }
    : compare(expected, version, data, peer);
}

async function compare(
  { service }: Expected,
  version: "v1" | "v1alpha",
  data: Finding["data"],
  peer: GrpcPeer,
): Promise<Finding> {
  let differences: ReturnType<typeof compareServices>;
  try {
    differences = compareServices(service, await reflectService(peer, version, service.typeName));
  } catch (error) {
    if (!(error instanceof Error) || error.name === "AbortError" || error instanceof NotInTime) {
      throw error;
    }
    return { verdict: "warning", message: `reflection does not tell: ${error.message}`, data: { ...data } };
  }
  const methods = service.methods.length === 1 ? "1 method" : `${service.methods.length} methods`;
  const message =
    differences.length === 0
      ? `${service.typeName} is what the .proto says: ${methods}, their messages and options`
      : `${service.typeName} is not what the .proto says, in ${differences.length === 1 ? "1 point" : `${differences.length} points`}`;
  return {
    verdict: worstOf(differences.map(({ verdict }) => verdict)),
    message,
    details: differences.map((each) => each.message),
    data: { ...data, differences },
  };
}
