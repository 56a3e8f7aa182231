// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { fieldNumbersOf, fullNameOf, locationOf, lookUp } from "../declared.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { Locate } from "../locate.ts";
import type { OptionLeaf } from "../option-schema.ts";
import type { ServiceContract } from "../policy.ts";
import type { DeclaredOptions } from "../read-options.ts";
import type { ValueFinding } from "./check-value.ts";
import type { Finding } from "./finding.ts";

/** An annotation, and the values in it that are wrong in themselves. */
export interface Layer {
  readonly on: DescService | DescMethod;
  readonly options: DeclaredOptions | undefined;
  readonly broken: Set<string>;
}

/** Turns findings into diagnostics: gives each its place, and tells what methods inherit only once. */
export interface Collector {
  /** A finding about a value of an annotation. */
  addValue(finding: ValueFinding, leaf: OptionLeaf, layer: Layer): void;
  /** A finding about values together; `own` is the method's annotation where it has one, `method` the method's name. */
  add(finding: Finding, own: Layer | undefined, method: string | undefined): void;
  diagnostics(): Diagnostic[];
}

/** A finding about values of the service, and the methods that it concerns. */
interface SharedFinding {
  readonly finding: Finding;
  readonly option: string | undefined;
  readonly methods: string[];
}

export function createCollector(base: Layer, contract: ServiceContract, locate: Locate): Collector {
  const diagnostics: Diagnostic[] = [];
  const shared = new Map<string, SharedFinding>();

  function addShared(finding: Finding, option: string | undefined, method: string | undefined): void {
    const key = `${finding.code} ${option} ${finding.message}`;
    const entry = shared.get(key) ?? { finding, option, methods: [] };
    shared.set(key, entry);
    if (method !== undefined) {
      entry.methods.push(method);
    }
  }

  return {
    addValue({ index, ...finding }, { option, path }, { on, broken }) {
      const location = locationOf(on, index === undefined ? path : [...path, index], locate);
      diagnostics.push({ ...finding, element: fullNameOf(on), option, location });
      if (finding.severity === "error") {
        broken.add(option);
      }
    },
    add(finding, own, method) {
      const isSetIn = (layer: Layer | undefined, option: string): boolean =>
        lookUp(layer?.options, option) !== undefined;
      const onMethod = finding.options.filter((option) => isSetIn(own, option));
      const onService = finding.options.filter((option) => !onMethod.includes(option) && isSetIn(base, option));
      if (onMethod.some((option) => own?.broken.has(option)) || onService.some((option) => base.broken.has(option))) {
        return;
      }
      if (own !== undefined && onMethod.length > 0) {
        diagnostics.push(diagnosticOf(finding, own.on, onMethod[0], finding.message, locate));
      } else {
        addShared(finding, onService[0], method);
      }
    },
    diagnostics() {
      const told = [...shared.values()].map(({ finding, option, methods }) => {
        const all = methods.length === 0 || methods.length === contract.methods.length;
        const message = all ? finding.message : `${finding.message} This concerns ${enumerate(methods)}.`;
        return { ...diagnosticOf(finding, base.on, option, message, locate), ...(all ? {} : { methods }) };
      });
      return [...diagnostics, ...told];
    },
  };
}

/** A diagnostic where the option is set, or at the element when nothing sets it. */
function diagnosticOf(
  { code, severity }: Finding,
  on: DescService | DescMethod,
  option: string | undefined,
  message: string,
  locate: Locate,
): Diagnostic {
  const location = locationOf(on, option === undefined ? undefined : fieldNumbersOf(option), locate);
  return { code, severity, message, element: fullNameOf(on), option: option ?? "", location };
}

const namesShown = 5;

function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, namesShown).join(", ");
  return names.length > namesShown ? `${shown} and ${names.length - namesShown} more methods` : shown;
}
