// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { documentOptions, parseOptions } from "./options.ts";

describe("parseOptions()", () => {
  test("takes defaults for what is not set", () => {
    expect(parseOptions([])).toEqual({ service_config_name: "simple", contract_page: "none", dns_txt: "none" });
  });

  test("takes what is set", () => {
    expect(parseOptions([{ key: "service_config_name", value: "full" }])).toMatchObject({
      service_config_name: "full",
    });
  });

  test("names the options when one is unknown", () => {
    expect(() => parseOptions([{ key: "toString", value: "" }])).toThrow(
      /^there is no option toString\. Options are target, .*, service_config_name, contract_page, dns_txt\.$/,
    );
  });

  test("names the values when one is unknown", () => {
    expect(() => parseOptions([{ key: "service_config_name", value: "toString" }])).toThrow(
      'service_config_name cannot be "toString". Write simple or full.',
    );
    expect(() => parseOptions([{ key: "contract_page", value: "html" }])).toThrow(
      'contract_page cannot be "html". Write none or markdown or json or both.',
    );
  });
});

describe("documentOptions()", () => {
  test("is what the README shows", () => {
    expect(readFileSync(new URL("../README.md", import.meta.url), "utf8")).toContain(documentOptions());
  });

  test("lists every option and value", () => {
    expect(documentOptions()).toContain("| `service_config_name` | ");
    expect(documentOptions()).toContain("`simple` (default): ");
  });
});
