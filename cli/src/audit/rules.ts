// SPDX-License-Identifier: Apache-2.0
import type { AuditRule } from "./audit-rule.ts";
import { breakerAroundClient } from "./rules/breaker-around-client.ts";
import { clientNeverClosed } from "./rules/client-never-closed.ts";
import { clientPerRequest } from "./rules/client-per-request.ts";
import { deadlineInfinite } from "./rules/deadline-infinite.ts";
import { deadlineLengthened } from "./rules/deadline-lengthened.ts";
import { niceGrpcClient } from "./rules/nice-grpc-client.ts";
import { rawGrpcJsClient } from "./rules/raw-grpc-js-client.ts";
import { retryAroundClient } from "./rules/retry-around-client.ts";
import { unguardedConnectClient } from "./rules/unguarded-connect-client.ts";

/** Every rule of `talaria audit`. */
export const auditRules: readonly AuditRule[] = [
  rawGrpcJsClient,
  unguardedConnectClient,
  niceGrpcClient,
  deadlineLengthened,
  deadlineInfinite,
  retryAroundClient,
  breakerAroundClient,
  clientPerRequest,
  clientNeverClosed,
];
