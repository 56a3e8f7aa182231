// SPDX-License-Identifier: Apache-2.0
import { Metadata, connectivityState as State, type StatusObject } from "@grpc/grpc-js";
import type { OutlierDetection } from "@talaria/contract";
import type { Clock, Random, Timer } from "../../clock.ts";
import type { DirectLine } from "../direct-line.ts";
import {
  ChildLoadBalancerHandler,
  createChildChannelControlHelper,
  type GrpcBalancerConfig,
  type GrpcBalancerHelper,
  type GrpcChannelOptions,
  type GrpcEndpoint,
  type GrpcLoadBalancer,
  type GrpcPickArgs,
  type GrpcPicker,
  type GrpcPickResult,
  type GrpcStatusOr,
  type GrpcSubchannel,
  PickResultType,
  registerLoadBalancerType,
  subchannelAddressToString,
  UnavailablePicker,
} from "../surface.ts";
import { BalancerConfig, balancerName } from "./balancer-config.ts";
import { describeEndpoints, type Endpoint, type Endpoints } from "./endpoints.ts";
import { type CallCounter, GuardedSubchannel } from "./guarded-subchannel.ts";
import { judgeAttempt } from "./judge-attempt.ts";
import { loadReportIn } from "./load-report.ts";
import { OutlierDetector } from "./outlier-detector.ts";
import { type WeightedChoice, WeightedPicker } from "./weighted-picker.ts";

/** What the balancer of a channel works with, besides the settings in the service config. */
export interface BalancerTools {
  readonly endpoints: Endpoints;
  /** Where calls pick a connection that is ready. */
  readonly line: DirectLine | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** Makes the balancer known to grpc-js. `toolsOf` finds a channel's tools in its options. */
export function registerBalancer(toolsOf: (options: GrpcChannelOptions) => BalancerTools): void {
  registerLoadBalancerType(
    balancerName,
    class extends Balancer {
      constructor(helper: GrpcBalancerHelper) {
        super(helper, toolsOf);
      }
    },
    BalancerConfig,
  );
}

/**
 * A load balancing policy for grpc-js that leaves the spreading to another, round_robin by default, and decides what that one may
 * spread over: endpoints whose health service says NOT_SERVING and outliers get no calls. It also counts what is in flight where,
 * and, by contract, deals calls by the load that endpoints report.
 */
class Balancer implements GrpcLoadBalancer, CallCounter {
  readonly #child: InstanceType<typeof ChildLoadBalancerHandler>;
  readonly #helper: GrpcBalancerHelper;
  readonly #toolsOf: (options: GrpcChannelOptions) => BalancerTools;
  #tools: BalancerTools | undefined;
  #config: BalancerConfig | undefined;
  #failureCodes: ReadonlySet<number> = new Set();
  #detector: OutlierDetector | undefined;
  #detectionTimer: Timer | undefined;

  constructor(helper: GrpcBalancerHelper, toolsOf: (options: GrpcChannelOptions) => BalancerTools) {
    this.#helper = helper;
    this.#toolsOf = toolsOf;
    this.#child = new ChildLoadBalancerHandler(
      createChildChannelControlHelper(helper, {
        createSubchannel: (address, options) =>
          this.#guard(subchannelAddressToString(address), helper.createSubchannel(address, options)),
        updateState: (state, picker, error) => this.#updateState(state, picker, error),
      }),
    );
  }

  updateAddressList(
    list: GrpcStatusOr<GrpcEndpoint[]>,
    config: GrpcBalancerConfig,
    options: GrpcChannelOptions,
    note: string,
  ): boolean {
    if (!(config instanceof BalancerConfig)) {
      return false;
    }
    this.#config = config;
    this.#failureCodes = new Set(config.settings.failureCodes);
    this.#tools ??= this.#toolsOf(options);
    if (list.ok) {
      const addresses = list.value.flatMap((endpoint) => endpoint.addresses.map(subchannelAddressToString));
      this.#detect(addresses, config.settings.outlierDetection);
      this.#tools.endpoints.list(addresses);
    } else {
      this.#tools.endpoints.fail(list.error.details);
    }
    return this.#child.updateAddressList(list, config.child, options, note);
  }

  exitIdle(): void {
    this.#child.exitIdle();
  }

  resetBackoff(): void {
    this.#child.resetBackoff();
  }

  destroy(): void {
    if (this.#detectionTimer !== undefined) {
      this.#tools?.clock.clearTimer(this.#detectionTimer);
      this.#detectionTimer = undefined;
    }
    this.#openLine(undefined);
    this.#child.destroy();
    this.#tools?.endpoints.list([]);
  }

  getTypeName(): string {
    return balancerName;
  }

  onStarted(endpoint: Endpoint): void {
    this.#tools?.endpoints.started(endpoint);
  }

  onEnded(endpoint: Endpoint, status: StatusObject): void {
    this.#tools?.endpoints.ended(endpoint);
    if (this.#tools !== undefined && this.#config?.settings.byReportedLoad) {
      const report = loadReportIn(status.metadata);
      if (report !== undefined) {
        endpoint.weight.report(report, this.#tools.clock.nowMs());
      }
    }
    if (this.#detector !== undefined) {
      const outcome = judgeAttempt(status, this.#failureCodes);
      if (outcome !== "ignored") {
        this.#detector.count(endpoint.address, outcome);
      }
    }
  }

  #guard(address: string, subchannel: GrpcSubchannel): GrpcSubchannel {
    const tools = this.#tools;
    if (tools === undefined) {
      return subchannel;
    }
    const service = this.#config?.settings.healthServiceName;
    const health = service === undefined ? undefined : { service, clock: tools.clock, random: tools.random };
    return new GuardedSubchannel(subchannel, tools.endpoints.get(address), this, health);
  }

  #updateState(state: State, picker: GrpcPicker, error: string | null): void {
    if (state === State.READY) {
      const guarded = this.#guardPicker(picker);
      this.#openLine(guarded);
      this.#helper.updateState(state, guarded, error);
      return;
    }
    this.#openLine(undefined);
    const endpoints = this.#tools?.endpoints;
    if (state === State.TRANSIENT_FAILURE && endpoints !== undefined && endpoints.resolutionError === undefined) {
      const details = `No connection established: ${describeEndpoints(endpoints.snapshot())}`;
      this.#helper.updateState(state, new UnavailablePicker({ details }), details);
      return;
    }
    this.#helper.updateState(state, picker, error);
  }

  #openLine(picker: GrpcPicker | undefined): void {
    if (this.#tools?.line !== undefined) {
      this.#tools.line.picker = picker;
    }
  }

  #guardPicker(picker: GrpcPicker): GrpcPicker {
    if (this.#tools !== undefined && this.#config?.settings.byReportedLoad) {
      const { endpoints, clock, random } = this.#tools;
      const [choice, ...others] = choicesOf(picker, endpoints.all().length);
      if (choice !== undefined) {
        return new WeightedPicker([choice, ...others], clock, random);
      }
    }
    this.#startAnywhere(picker);
    return new GuardedPicker(picker);
  }

  /**
   * round_robin starts with whichever endpoint was connected first. That is the same one for many clients that start together, or
   * learn of a new server together, and they would go round in step from then on.
   */
  #startAnywhere(picker: GrpcPicker): void {
    if (this.#tools !== undefined) {
      const { endpoints, random } = this.#tools;
      const skipped = Math.floor(random() * endpoints.all().length);
      for (let index = 0; index < skipped; index += 1) {
        picker.pick(noCall);
      }
    }
  }

  #detect(addresses: readonly string[], policy: OutlierDetection | undefined): void {
    if (policy === undefined) {
      return;
    }
    this.#detector ??= new OutlierDetector(policy);
    this.#detector.list(addresses, policy);
    if (this.#detectionTimer === undefined) {
      this.#awaitInterval(policy.intervalMs);
    }
  }

  #awaitInterval(intervalMs: number): void {
    this.#detectionTimer = this.#tools?.clock.setTimer(() => {
      this.#awaitInterval(intervalMs);
      this.#judge();
    }, intervalMs);
  }

  #judge(): void {
    if (this.#tools === undefined || this.#detector === undefined) {
      return;
    }
    const { endpoints, clock } = this.#tools;
    const { eject, restore } = this.#detector.judge(clock.nowMs());
    for (const [addresses, ejected] of [
      [restore, false],
      [eject, true],
    ] as const) {
      for (const address of addresses) {
        const endpoint = endpoints.get(address);
        endpoint.ejected = ejected;
        for (const connection of endpoint.connections) {
          if (connection instanceof GuardedSubchannel) {
            connection.applyHealth();
          }
        }
        endpoint.changed();
      }
    }
  }
}

const noCall: GrpcPickArgs = { metadata: new Metadata(), extraPickInfo: {} };

/** The connections that round_robin goes round, each once. */
function choicesOf(picker: GrpcPicker, most: number): WeightedChoice[] {
  const choices = new Map<GuardedSubchannel, WeightedChoice>();
  for (let index = 0; index < most; index += 1) {
    const pick = picker.pick(noCall);
    if (pick.pickResultType === PickResultType.COMPLETE && pick.subchannel instanceof GuardedSubchannel) {
      const { subchannel } = pick;
      choices.set(subchannel, { weight: subchannel.weight, pick: subchannel.picked(pick) });
    }
  }
  return [...choices.values()];
}

/** Takes what the policy picked back to the connection that grpc-js knows. */
class GuardedPicker implements GrpcPicker {
  readonly #picker: GrpcPicker;

  constructor(picker: GrpcPicker) {
    this.#picker = picker;
  }

  pick(args: GrpcPickArgs): GrpcPickResult {
    const pick = this.#picker.pick(args);
    return pick.pickResultType === PickResultType.COMPLETE && pick.subchannel instanceof GuardedSubchannel
      ? pick.subchannel.picked(pick)
      : pick;
  }
}
