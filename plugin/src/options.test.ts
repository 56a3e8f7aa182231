// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { documentOptions, parseOptions } from "./options.ts";

describe("parseOptions()", () => {
  test("takes defaults for what is not set", () => {
    expect(parseOptions([])).toEqual({ service_config_name: "simple" });
  });

  test("takes what is set", () => {
    expect(parseOptions([{ key: "service_config_name", value: "full" }])).toEqual({ service_config_name: "full" });
  });

  test("names the options when one is unknown", () => {
    expect(() => parseOptions([{ key: "toString", value: "" }])).toThrow(
      /^there is no option toString\. Options are target, .*, service_config_name\.$/,
    );
  });

  test("names the values when one is unknown", () => {
    expect(() => parseOptions([{ key: "service_config_name", value: "toString" }])).toThrow(
      'service_config_name cannot be "toString". Write simple or full.',
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
