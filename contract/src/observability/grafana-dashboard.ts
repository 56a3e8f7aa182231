// SPDX-License-Identifier: Apache-2.0
import type { ServiceContract } from "../policy.ts";
import { type ObservabilityOptions, resolveObservability } from "./options.ts";
import {
  breakerNamesOf,
  createQueries,
  deadlineSecondsOf,
  hasFurtherAttempts,
  hasMethods,
  type Queries,
} from "./queries.ts";

/** A dashboard of Grafana, as its API and its provisioning take it. */
export interface GrafanaDashboard {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly refresh: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: readonly GrafanaVariable[] };
  readonly panels: readonly GrafanaPanel[];
}

/** A choice at the top of a dashboard. */
export interface GrafanaVariable {
  readonly name: string;
  readonly label: string;
  readonly type: "datasource";
  readonly query: string;
}

/** A panel, or the heading of those that follow. */
export interface GrafanaPanel {
  readonly id: number;
  readonly type: "row" | "timeseries" | "state-timeline";
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly type: "prometheus"; readonly uid: string };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig?: { readonly defaults: object; readonly overrides: readonly object[] };
}

/** A panel before it has its place. */
interface Draft {
  readonly title: string;
  readonly description: string;
  readonly type?: "state-timeline";
  readonly unit: "reqps" | "s" | "percentunit" | "none";
  /** Draws a line at this value. */
  readonly limit?: number;
  readonly mappings?: readonly object[];
  /** Legend by query. */
  readonly queries: Readonly<Record<string, string>>;
}

/**
 * Makes a dashboard of contracts, one row a service: calls by status, the latency of each method against the deadline that its
 * contract declares, the share of retries, breakers, refused and throttled calls, and how servers share the load. A policy
 * that a contract does not have gets no panel, and a service without methods no row. It reads what `@talaria/runtime/opentelemetry` measures in clients and servers.
 */
export function grafanaDashboard(
  contracts: readonly ServiceContract[],
  options: ObservabilityOptions = {},
): GrafanaDashboard {
  const { unitSuffixes } = resolveObservability(options);
  const queries = createQueries(unitSuffixes);
  const watched = contracts.filter(hasMethods);
  const services = watched.map(({ service }) => service);
  return {
    uid: uidOf(services),
    title: `Clients of ${services.join(", ")}`,
    tags: ["grpc", "talaria"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    templating: { list: [{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" }] },
    panels: placePanels(watched, queries),
  };
}

const width = 8;
const height = 8;
const perLine = 3;

function placePanels(contracts: readonly ServiceContract[], queries: Queries): readonly GrafanaPanel[] {
  const panels: GrafanaPanel[] = [];
  let y = 0;
  for (const contract of contracts) {
    const id = panels.length + 1;
    panels.push({ id, type: "row", title: contract.service, gridPos: { x: 0, y, w: width * perLine, h: 1 } });
    y += 1;
    const drafts = draftPanels(contract, queries);
    for (const [index, draft] of drafts.entries()) {
      const x = (index % perLine) * width;
      const gridPos = { x, y: y + Math.floor(index / perLine) * height, w: width, h: height };
      panels.push(panelOf(draft, panels.length + 1, gridPos));
    }
    y += Math.ceil(drafts.length / perLine) * height;
  }
  return panels;
}

function draftPanels(contract: ServiceContract, queries: Queries): readonly Draft[] {
  return [
    {
      title: "Calls",
      description: "Calls per second, as their callers saw them end.",
      unit: "reqps",
      queries: { "{{rpc_method}} {{rpc_status_code}}": queries.callsByStatus(contract) },
    },
    {
      title: "Attempts",
      description: "Requests per second that clients sent, retries and hedges included.",
      unit: "reqps",
      queries: { "{{grpc_method}}": queries.attempts(contract) },
    },
    ...latencyPanels(contract, queries),
    ...policyPanels(contract, queries),
    {
      title: "Calls by server",
      description: "Calls per second that each server got. Equal lines are what load balancing is for.",
      unit: "reqps",
      queries: { "{{instance}}": queries.servedByInstance(contract) },
    },
  ];
}

function latencyPanels({ service, methods }: ServiceContract, queries: Queries): readonly Draft[] {
  return methods.map((policy): Draft => {
    const method = `${service}/${policy.name}`;
    const limit = deadlineSecondsOf(policy);
    const allowed =
      limit === undefined
        ? "Its contract sets no limit to it."
        : `The line is the ${limit} s that its contract allows.`;
    return {
      title: `Latency of ${policy.name}`,
      description: `Over all attempts, as callers saw it. ${allowed}`,
      unit: "s",
      ...(limit !== undefined && { limit }),
      queries: {
        "50 % {{server_address}}": queries.latency(method, 0.5),
        "99 % {{server_address}}": queries.latency(method, 0.99),
      },
    };
  });
}

function policyPanels(contract: ServiceContract, queries: Queries): readonly Draft[] {
  const { service, methods, retryThrottling } = contract;
  const triedAgain = methods.filter(hasFurtherAttempts);
  const limited = methods.filter(({ maxConcurrentRequests }) => maxConcurrentRequests !== undefined);
  const breakers = breakerNamesOf(contract);
  const drafts: Draft[] = [];
  if (triedAgain.length > 0) {
    drafts.push({
      title: "Share of retries and hedges",
      description: "Of all attempts: how much of the servers' work is for calls that were tried again.",
      unit: "percentunit",
      queries: Object.fromEntries(triedAgain.map(({ name }) => [name, queries.retryShare(`${service}/${name}`)])),
    });
  }
  if (breakers.length > 0) {
    drafts.push(
      {
        title: "Circuit breakers",
        description: "The worst over all clients.",
        type: "state-timeline",
        unit: "none",
        mappings: [breakerStates],
        queries: { "{{service_client_circuit_breaker_name}} at {{server_address}}": queries.breakerState(breakers) },
      },
      {
        title: "Refused by circuit breakers",
        description: "Attempts per second that were not sent.",
        unit: "reqps",
        queries: { "{{service_client_circuit_breaker_name}}": queries.breakerRejected(breakers) },
      },
    );
  }
  if (retryThrottling !== undefined) {
    drafts.push({
      title: "Retries throttled",
      description: "Calls per second not tried again because too many calls to the target fail.",
      unit: "reqps",
      queries: { "{{server_address}}": queries.throttled(contract) },
    });
  }
  if (limited.length > 0) {
    drafts.push({
      title: "Beyond the concurrency limit",
      description: "Calls per second refused because as many were in flight as the contract allows.",
      unit: "reqps",
      queries: {
        "{{rpc_method}}": queries.concurrencyRejected(limited.map(({ name }) => `${service}/${name}`)),
      },
    });
  }
  return drafts;
}

const breakerStates = {
  type: "value",
  options: {
    0: { text: "closed", color: "green" },
    1: { text: "half-open", color: "yellow" },
    2: { text: "open", color: "red" },
  },
};

function panelOf(
  { title, description, type = undefined, unit, limit, mappings, queries }: Draft,
  id: number,
  gridPos: GrafanaPanel["gridPos"],
): GrafanaPanel {
  const steps = [{ color: "green", value: null }, ...(limit === undefined ? [] : [{ color: "red", value: limit }])];
  return {
    id,
    type: type ?? "timeseries",
    title,
    description,
    gridPos,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in.
    datasource: { type: "prometheus", uid: "${datasource}" },
    targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
      refId: refIdOf(index),
      expr,
      legendFormat,
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(mappings !== undefined && { mappings }),
        ...(limit !== undefined && { custom: { thresholdsStyle: { mode: "line" } } }),
        thresholds: { mode: "absolute", steps },
      },
      overrides: [],
    },
  };
}

/** As Grafana counts the queries of a panel: A to Z, AA, AB. */
function refIdOf(index: number): string {
  const letter = String.fromCharCode("A".charCodeAt(0) + (index % 26));
  return index < 26 ? letter : refIdOf(Math.floor(index / 26) - 1) + letter;
}

/** At most 40 characters, the same for the same services: importing the dashboard again replaces it. */
function uidOf(services: readonly string[]): string {
  let hash = 0;
  for (const character of services.join(" ")) {
    hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 0xffff_ffff;
  }
  return `talaria-${hash.toString(16).padStart(8, "0")}`;
}
