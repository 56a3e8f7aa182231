// SPDX-License-Identifier: Apache-2.0
import { clientAuthenticationAdded } from "./breaking/client-authentication-added.ts";
import { clientAuthenticationRemoved } from "./breaking/client-authentication-removed.ts";
import { clientCircuitBreakerLoosened } from "./breaking/client-circuit-breaker-loosened.ts";
import { clientCircuitBreakerRemoved } from "./breaking/client-circuit-breaker-removed.ts";
import { clientConfigRemoved } from "./breaking/client-config-removed.ts";
import { clientIdempotencyWithdrawn } from "./breaking/client-idempotency-withdrawn.ts";
import { clientRequiredHeaderAdded } from "./breaking/client-required-header-added.ts";
import { clientRequiredHeaderRemoved } from "./breaking/client-required-header-removed.ts";
import { clientResponseTimeoutShortened } from "./breaking/client-response-timeout-shortened.ts";
import { clientRetryWidened } from "./breaking/client-retry-widened.ts";
import { clientServerIdentityChanged } from "./breaking/client-server-identity-changed.ts";
import { clientTransportSecurityWeakened } from "./breaking/client-transport-security-weakened.ts";
import type { PluginSpec } from "./bufplugin/plugin-spec.ts";
import { clientAudienceUnused } from "./rules/client-audience-unused.ts";
import { clientAuthenticationWithoutMutualTls } from "./rules/client-authentication-without-mutual-tls.ts";
import { clientBearerOverPlaintext } from "./rules/client-bearer-over-plaintext.ts";
import { clientCircuitBreakerBuckets } from "./rules/client-circuit-breaker-buckets.ts";
import { clientCircuitBreakerHairTrigger } from "./rules/client-circuit-breaker-hair-trigger.ts";
import { clientCircuitBreakerInsensitive } from "./rules/client-circuit-breaker-insensitive.ts";
import { clientCircuitBreakerNeverTrips } from "./rules/client-circuit-breaker-never-trips.ts";
import { clientCircuitBreakerOpenWindow } from "./rules/client-circuit-breaker-open-window.ts";
import { clientCircuitBreakerRequired } from "./rules/client-circuit-breaker-required.ts";
import { clientCircuitBreakerSharedSettings } from "./rules/client-circuit-breaker-shared-settings.ts";
import { clientCircuitBreakerSlowCall } from "./rules/client-circuit-breaker-slow-call.ts";
import { clientCircuitBreakerSlowCallUnreachable } from "./rules/client-circuit-breaker-slow-call-unreachable.ts";
import { clientCircuitBreakerWindow } from "./rules/client-circuit-breaker-window.ts";
import { clientConfigRequired } from "./rules/client-config-required.ts";
import { clientConfigUnreadable } from "./rules/client-config-unreadable.ts";
import { clientConnectionGraceTooShort } from "./rules/client-connection-grace-too-short.ts";
import { clientDuplicateValue } from "./rules/client-duplicate-value.ts";
import { clientEmptyAudience } from "./rules/client-empty-audience.ts";
import { clientHedgingDelayMissing } from "./rules/client-hedging-delay-missing.ts";
import { clientHedgingNotIdempotent } from "./rules/client-hedging-not-idempotent.ts";
import { clientHedgingPartlyUnreachable } from "./rules/client-hedging-partly-unreachable.ts";
import { clientHedgingUnreachable } from "./rules/client-hedging-unreachable.ts";
import { clientKeepaliveTooOften } from "./rules/client-keepalive-too-often.ts";
import { clientLoadBalancingPickFirst } from "./rules/client-load-balancing-pick-first.ts";
import { clientNameResolutionBackoffOrder } from "./rules/client-name-resolution-backoff-order.ts";
import { clientNameResolutionTtlOrder } from "./rules/client-name-resolution-ttl-order.ts";
import { clientOptionRedundant } from "./rules/client-option-redundant.ts";
import { clientOptionRequired } from "./rules/client-option-required.ts";
import { clientOutOfRange } from "./rules/client-out-of-range.ts";
import { clientOutlierDetectionOrder } from "./rules/client-outlier-detection-order.ts";
import { clientOutlierDetectionPickFirst } from "./rules/client-outlier-detection-pick-first.ts";
import { clientRequiredHeaderMalformed } from "./rules/client-required-header-malformed.ts";
import { clientRequiredHeaderReserved } from "./rules/client-required-header-reserved.ts";
import { clientRequiredHeaderUnknown } from "./rules/client-required-header-unknown.ts";
import { clientResponseTimeoutBand } from "./rules/client-response-timeout-band.ts";
import { clientResponseTimeoutRequired } from "./rules/client-response-timeout-required.ts";
import { clientResponseTimeoutZero } from "./rules/client-response-timeout-zero.ts";
import { clientRetryAmplification } from "./rules/client-retry-amplification.ts";
import { clientRetryAndHedging } from "./rules/client-retry-and-hedging.ts";
import { clientRetryAttemptTimeoutUnreachable } from "./rules/client-retry-attempt-timeout-unreachable.ts";
import { clientRetryBackoffOrder } from "./rules/client-retry-backoff-order.ts";
import { clientRetryClientStream } from "./rules/client-retry-client-stream.ts";
import { clientRetryCodeDiscouraged } from "./rules/client-retry-code-discouraged.ts";
import { clientRetryCodeNever } from "./rules/client-retry-code-never.ts";
import { clientRetryDeadlineExceeded } from "./rules/client-retry-deadline-exceeded.ts";
import { clientRetryNotIdempotent } from "./rules/client-retry-not-idempotent.ts";
import { clientRetryPartlyUnreachable } from "./rules/client-retry-partly-unreachable.ts";
import { clientRetryRequired } from "./rules/client-retry-required.ts";
import { clientRetryThrottlingPrecision } from "./rules/client-retry-throttling-precision.ts";
import { clientRetryThrottlingUnused } from "./rules/client-retry-throttling-unused.ts";
import { clientRetryUnreachable } from "./rules/client-retry-unreachable.ts";
import { clientServerIdentityMalformed } from "./rules/client-server-identity-malformed.ts";
import { clientServerIdentityPlaintext } from "./rules/client-server-identity-plaintext.ts";
import { clientStatusCodeOk } from "./rules/client-status-code-ok.ts";
import { clientStreamEndsBeforeResponse } from "./rules/client-stream-ends-before-response.ts";
import { clientStreamIdleUnreachable } from "./rules/client-stream-idle-unreachable.ts";
import { clientStreamLimitRequired } from "./rules/client-stream-limit-required.ts";
import { clientStreamOptionUnused } from "./rules/client-stream-option-unused.ts";
import { clientStreamOptionWithoutStream } from "./rules/client-stream-option-without-stream.ts";
import { clientTransportSecurityPlaintext } from "./rules/client-transport-security-plaintext.ts";
import { clientTransportSecurityRequired } from "./rules/client-transport-security-required.ts";
import { clientWaitForReadyWithoutTimeout } from "./rules/client-wait-for-ready-without-timeout.ts";
import { categoryIds } from "./rules/rule-id.ts";

/** Every rule and category of buf-plugin-talaria. */
export const spec: PluginSpec = {
  name: "buf-plugin-talaria",
  documentation: "Rejects services whose client configuration is missing or dangerous.",
  license: { spdxId: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
  categories: [
    {
      id: categoryIds.error,
      purpose:
        "Checks that clients of a service cannot wait forever, retry what must not be retried or hide a failure.",
    },
    {
      id: categoryIds.advice,
      purpose: "Checks that a contract has nothing in it that seldom helps or does nothing.",
    },
  ],
  rules: [
    clientAudienceUnused,
    clientAuthenticationWithoutMutualTls,
    clientBearerOverPlaintext,
    clientCircuitBreakerBuckets,
    clientCircuitBreakerHairTrigger,
    clientCircuitBreakerInsensitive,
    clientCircuitBreakerNeverTrips,
    clientCircuitBreakerOpenWindow,
    clientCircuitBreakerRequired,
    clientCircuitBreakerSharedSettings,
    clientCircuitBreakerSlowCall,
    clientCircuitBreakerSlowCallUnreachable,
    clientCircuitBreakerWindow,
    clientConfigRequired,
    clientConfigUnreadable,
    clientConnectionGraceTooShort,
    clientDuplicateValue,
    clientEmptyAudience,
    clientHedgingDelayMissing,
    clientHedgingNotIdempotent,
    clientHedgingPartlyUnreachable,
    clientHedgingUnreachable,
    clientKeepaliveTooOften,
    clientLoadBalancingPickFirst,
    clientNameResolutionBackoffOrder,
    clientNameResolutionTtlOrder,
    clientOptionRedundant,
    clientOptionRequired,
    clientOutOfRange,
    clientOutlierDetectionOrder,
    clientOutlierDetectionPickFirst,
    clientRequiredHeaderMalformed,
    clientRequiredHeaderReserved,
    clientRequiredHeaderUnknown,
    clientResponseTimeoutBand,
    clientResponseTimeoutRequired,
    clientResponseTimeoutZero,
    clientRetryAmplification,
    clientRetryAndHedging,
    clientRetryAttemptTimeoutUnreachable,
    clientRetryBackoffOrder,
    clientRetryClientStream,
    clientRetryCodeDiscouraged,
    clientRetryCodeNever,
    clientRetryDeadlineExceeded,
    clientRetryNotIdempotent,
    clientRetryPartlyUnreachable,
    clientRetryRequired,
    clientRetryThrottlingPrecision,
    clientRetryThrottlingUnused,
    clientRetryUnreachable,
    clientServerIdentityMalformed,
    clientServerIdentityPlaintext,
    clientStatusCodeOk,
    clientStreamEndsBeforeResponse,
    clientStreamIdleUnreachable,
    clientStreamLimitRequired,
    clientStreamOptionUnused,
    clientStreamOptionWithoutStream,
    clientTransportSecurityPlaintext,
    clientTransportSecurityRequired,
    clientWaitForReadyWithoutTimeout,
    clientAuthenticationAdded,
    clientAuthenticationRemoved,
    clientCircuitBreakerLoosened,
    clientCircuitBreakerRemoved,
    clientConfigRemoved,
    clientIdempotencyWithdrawn,
    clientRequiredHeaderAdded,
    clientRequiredHeaderRemoved,
    clientResponseTimeoutShortened,
    clientRetryWidened,
    clientServerIdentityChanged,
    clientTransportSecurityWeakened,
  ],
};
