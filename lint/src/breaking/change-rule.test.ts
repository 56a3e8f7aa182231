// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { checkText } from "../check-text.ts";
import { serviceChangeRule } from "./change-rule.ts";

/** Reports every change that it is shown. */
const tellChange = serviceChangeRule({
  name: "tell-change",
  purpose: "Checks what a rule is shown.",
  check: ({ before, after }) => [
    { at: after.service, against: before.service, message: `${before.service.typeName} to ${after.service.typeName}.` },
  ],
});

const annotated = (name: string) =>
  `service ${name} { option (service_client.client_config).response_timeout_millis = 800; }\n`;
const bare = (name: string) => `service ${name} {}\n`;

const shown = async (against: string, text: string) =>
  (await checkText([tellChange], text, { against })).map(({ message }) => message);

describe("serviceChangeRule()", () => {
  it("shows a rule the services that were and are annotated", async () => {
    const before = annotated("Kept") + annotated("Gone") + annotated("Silenced") + bare("Adopted");
    const after = annotated("Kept") + bare("Silenced") + annotated("Adopted") + annotated("New");
    expect(await shown(before, after)).toEqual(["shop.v1.Kept to shop.v1.Kept. (TELL_CHANGE)"]);
  });

  it("finds a service again that moved within its file", async () => {
    const findings = await checkText([tellChange], `\n\n${bare("Other")}${annotated("Kept")}`, {
      against: annotated("Kept"),
    });
    expect(findings).toMatchObject([{ line: 4, column: 1 }]);
  });
});
