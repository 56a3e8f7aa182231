// SPDX-License-Identifier: Apache-2.0
import { parseServiceConfig } from "@talaria/contract";
import type { RunVector } from "../kind.ts";

/** Whether a client that follows the gRFCs accepts a service config. What single languages do is for information. */
export const runServiceConfig: RunVector = (vector, judge) => {
  const { verdict } = parseServiceConfig(vector.any("service_config"));
  const expected = vector.object("verdict");
  expected.any("seen");
  judge.compare(expected, { portable: verdict });
};
