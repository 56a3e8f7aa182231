// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import type { ServiceList } from "./synthesise-protos.ts";

/** A config, and the services it is for. */
export interface RandomConfig {
  readonly config: object;
  readonly services: ServiceList;
}

const codes = ["UNAVAILABLE", "RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL"] as const;

const millis = (least: number, most: number): fc.Arbitrary<string> =>
  fc.integer({ min: least, max: most }).map((value) => `${(value / 1000).toFixed(9)}s`);

/** Few different values, so that methods often agree. */
const retryPolicy = fc.record({
  maxAttempts: fc.integer({ min: 2, max: 5 }),
  initialBackoff: fc.constantFrom("0.100000000s", "0.050000000s", "1s"),
  maxBackoff: fc.constantFrom("1s", "10s"),
  backoffMultiplier: fc.constantFrom(1.3, 2),
  retryableStatusCodes: fc.subarray([...codes], { minLength: 1 }),
});
const hedgingPolicy = fc.record({
  maxAttempts: fc.integer({ min: 2, max: 5 }),
  hedgingDelay: millis(1, 90),
  nonFatalStatusCodes: fc.subarray([...codes]),
});
/** Also an entry that says nothing: for its methods it takes away what a broader entry says. */
const settings = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ retryPolicy }) },
  { weight: 4, arbitrary: fc.record({ timeout: fc.constantFrom("2s", "60s"), retryPolicy }) },
  { weight: 4, arbitrary: fc.record({ timeout: fc.oneof(fc.constant("2s"), millis(100, 5000)) }) },
  { weight: 2, arbitrary: fc.record({ timeout: fc.constant("30s"), waitForReady: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ timeout: fc.constant("2s"), hedgingPolicy }) },
);

const streams = fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const method = fc.record({ clientStreaming: streams, serverStreaming: streams, idempotent: fc.constant(true) });

const randomConfig = (index: number): fc.Arbitrary<RandomConfig> =>
  fc.array(fc.array(method, { minLength: 1, maxLength: 7 }), { minLength: 1, maxLength: 3 }).chain((shapes) => {
    const services: ServiceList = Object.fromEntries(
      shapes.map((methods, service) => [
        `random.v${index}.Service${service}`,
        Object.fromEntries(methods.map((shape, number) => [`Method${number}`, shape])),
      ]),
    );
    // A default entry is imported for the services that its config names.
    const firsts = Object.keys(services).map((service) => ({ service, method: "Method0" }));
    const names = [
      {},
      ...Object.entries(services).flatMap(([service, methods]) => [
        { service },
        ...Object.keys(methods)
          .slice(1)
          .map((name) => ({ service, method: name })),
      ]),
    ];
    return fc
      .record({
        chosen: fc.subarray(names),
        entries: fc.array(settings, { minLength: names.length, maxLength: names.length }),
      })
      .map(({ chosen, entries }) => ({
        services,
        config: {
          loadBalancingConfig: [{ round_robin: {} }],
          methodConfig: [
            { name: firsts, timeout: "1s" },
            ...chosen.map((name, position) => ({ name: [name], ...entries[position] })),
          ],
        },
      }));
  });

/** The same random configs each time, all of them sound. */
export function randomConfigs(count: number): readonly RandomConfig[] {
  const configs = fc.tuple(...Array.from({ length: count }, (_, index) => randomConfig(index)));
  return fc.sample(configs, { numRuns: 1, seed: 1 }).flat();
}
