// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { type Option, type OptionReader, textListOption } from "../bufplugin/option.ts";

/** The option that every rule of this plugin has. */
export const exemptPackages: Option<readonly string[]> = textListOption({
  key: "exempt_packages",
  description: "Packages whose services no rule of this plugin looks at, subpackages included.",
  defaultValue: [],
  pattern: /^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)*$/,
  items: 'packages such as "shop.v1"',
});

/** Whether the rules leave a service alone. */
export function isExempt(service: DescService, options: OptionReader): boolean {
  const { package: packageName } = service.file.proto;
  return options.get(exemptPackages).some((exempt) => `${packageName}.`.startsWith(`${exempt}.`));
}
