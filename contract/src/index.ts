// SPDX-License-Identifier: Apache-2.0
export { type Diagnostic, formatDiagnostic, type SourceLocation } from "./diagnostic.ts";
export type { MethodPolicy, ServiceContract } from "./policy.ts";
