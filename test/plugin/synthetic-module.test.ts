// SPDX-License-Identifier: Apache-2.0
import type { DescMessage } from "@bufbuild/protobuf";
import { clientConfigOption, inspectService, methodConfigOption } from "@talaria/contract";
import { describe, expect, test } from "vitest";
import { writeModule } from "../../bench/codegen/synthetic-module.ts";
import { unsupported } from "../../plugin/src/unsupported.ts";
import { compileProtos } from "../support/compile.ts";

/** Every option that the generator accepts, with each of its values where they have names. */
function optionsOf(level: string, message: DescMessage | undefined, parent = ""): string[] {
  return (message?.fields ?? []).flatMap((field) => {
    const option = `${parent}${field.name}`;
    if (field.fieldKind === "message") {
      return optionsOf(level, field.message, `${option}.`);
    }
    if (field.fieldKind !== "enum") {
      return [`${level} ${option}`];
    }
    const refused = unsupported.find((entry) => entry.option === option)?.values ?? [];
    const values = field.enum.values.map(({ name }) => name).filter((name) => !refused.includes(name));
    return values.map((value) => `${level} ${option} ${value}`);
  });
}

/** What methods leave to their services. */
const leftToServices = [
  "method circuit_breaker.scope SERVICE",
  "method authentication.scheme NONE",
  "method authentication.scheme MUTUAL_TLS",
];

describe("the module that the generator is measured on", () => {
  const services = [...compileProtos(writeModule(120)).files].flatMap((file) => file.services);
  const inspections = services.map((service) => inspectService(service));

  test("sets every option that the annotation language has and the generator accepts", () => {
    const used = inspections.flatMap(({ declared }) =>
      declared.flatMap(({ method, option, value }) => {
        const name = `${method === undefined ? "service" : "method"} ${option}`;
        return [name, `${name} ${value}`];
      }),
    );
    const all = [
      ...optionsOf("service", clientConfigOption.message),
      ...optionsOf("method", methodConfigOption.message),
    ];
    expect(all.length).toBeGreaterThan(90);
    const known = new Set([...used, ...leftToServices]);
    expect(all.filter((option) => !known.has(option))).toEqual([]);
  });

  test("has nothing in it that is wrong or doubtful", () => {
    expect(services).toHaveLength(120);
    expect(inspections.flatMap(({ diagnostics }) => diagnostics.map(({ message }) => message))).toEqual([]);
  });
});
