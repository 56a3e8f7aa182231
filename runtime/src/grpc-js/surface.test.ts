// SPDX-License-Identifier: Apache-2.0
import {
  Channel,
  ChannelCredentials,
  type ChannelOptions,
  Metadata,
  connectivityState as State,
  status as Status,
  type StatusObject,
} from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Backend } from "../../../test/scenarios/support/backend.ts";
import { callOnce, clientOf } from "../../../test/scenarios/support/load.ts";
import { until } from "../../../test/scenarios/support/scenario.ts";
import {
  BaseSubchannelWrapper,
  ChildLoadBalancerHandler,
  createCall,
  createChildChannelControlHelper,
  type GrpcBalancerConfig,
  type GrpcBalancerHelper,
  type GrpcChannelOptions,
  type GrpcEndpoint,
  type GrpcLoadBalancer,
  type GrpcResolver,
  type GrpcResolverListener,
  type GrpcStatusOr,
  type GrpcSubchannel,
  type GrpcTarget,
  PickResultType,
  parseLoadBalancingConfig,
  pickedPeer,
  registerLoadBalancerType,
  registerResolver,
  SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX,
  statusOrFromValue,
  subchannelAddressToString,
  uriToString,
} from "./surface.ts";

describe("the surface of grpc-js that is not promised", () => {
  test("createCall() makes a call that can be started, read, written and cancelled, and that reports its status", async () => {
    // Port 9 of loopback is not listened on, so the call fails without a backend.
    const channel = new Channel("dns:///127.0.0.1:9", ChannelCredentials.createInsecure(), {});
    const call = createCall(channel, "/a.B/C", 5000);
    const ended = new Promise<StatusObject>((resolve) => {
      call.start(new Metadata(), {
        onReceiveMetadata: () => undefined,
        onReceiveMessage: () => undefined,
        onReceiveStatus: resolve,
      });
    });
    call.startRead();
    call.sendMessageWithContext({}, Buffer.from([1]));
    call.halfClose();
    const status = await ended;
    expect(status.code).toBe(Status.UNAVAILABLE);
    expect(pickedPeer(channel, call)).toBeUndefined();
    // What `classify` goes by: a status that grpc-js makes up carries no metadata.
    expect(status.metadata.getMap()).toEqual({});
    channel.close();
    expect(() => createCall(channel, "/a.B/C", undefined)).toThrow();
  });
});

describe("name resolution and load balancing", () => {
  const key = `${SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.surface-test`;
  const events: string[] = [];
  const subchannels: TestSubchannel[] = [];
  let listener: GrpcResolverListener;
  let backend: Backend;
  let other: Backend;

  class TestResolver implements GrpcResolver {
    constructor(target: GrpcTarget, resolverListener: GrpcResolverListener, options: GrpcChannelOptions) {
      events.push(`resolver for ${uriToString(target)} with ${options[key]}`);
      listener = resolverListener;
    }

    updateResolution(): void {
      events.push("updateResolution");
    }

    destroy(): void {
      events.push("destroy");
    }

    static getDefaultAuthority(): string {
      return "authority.test";
    }
  }

  class TestSubchannel extends BaseSubchannelWrapper {
    readonly inner: GrpcSubchannel;

    constructor(inner: GrpcSubchannel) {
      super(inner);
      this.inner = inner;
      subchannels.push(this);
    }

    tell(healthy: boolean): void {
      this.setHealthy(healthy);
    }
  }

  class TestConfig implements GrpcBalancerConfig {
    readonly child: GrpcBalancerConfig = parseLoadBalancingConfig({ round_robin: {} });

    static createFromJson(json: object): TestConfig {
      events.push(`config ${JSON.stringify(json)}`);
      return new TestConfig();
    }

    getLoadBalancerName(): string {
      return "surface_test";
    }

    toJsonObject(): object {
      return {};
    }
  }

  class TestBalancer implements GrpcLoadBalancer {
    readonly child: InstanceType<typeof ChildLoadBalancerHandler>;

    constructor(helper: GrpcBalancerHelper) {
      const own = createChildChannelControlHelper(helper, {
        createSubchannel: (address, options) => {
          events.push(`createSubchannel ${subchannelAddressToString(address)}`);
          return new TestSubchannel(helper.createSubchannel(address, options));
        },
        updateState: (state, picker, error) =>
          helper.updateState(
            state,
            {
              pick: (args) => {
                const pick = picker.pick(args);
                return pick.pickResultType === PickResultType.COMPLETE && pick.subchannel instanceof TestSubchannel
                  ? {
                      ...pick,
                      subchannel: pick.subchannel.inner,
                      onCallStarted: () => events.push("started"),
                      onCallEnded: (code, details, metadata) =>
                        events.push(`ended ${code} ${details} ${metadata instanceof Metadata}`),
                    }
                  : pick;
              },
            },
            error,
          ),
      });
      this.child = new ChildLoadBalancerHandler(own);
    }

    updateAddressList(
      list: GrpcStatusOr<GrpcEndpoint[]>,
      config: GrpcBalancerConfig,
      options: GrpcChannelOptions,
      note: string,
    ): boolean {
      events.push(`updateAddressList with ${options[key]}`);
      return config instanceof TestConfig && this.child.updateAddressList(list, config.child, options, note);
    }

    exitIdle(): void {
      this.child.exitIdle();
    }

    resetBackoff(): void {
      this.child.resetBackoff();
    }

    destroy(): void {
      this.child.destroy();
    }

    getTypeName(): string {
      return "surface_test";
    }
  }

  beforeAll(async () => {
    registerResolver("surface-test", TestResolver);
    registerLoadBalancerType("surface_test", TestBalancer, TestConfig);
    backend = await Backend.start();
    other = await Backend.start();
  });
  afterAll(async () => {
    await backend[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  function open(mark: string): Channel {
    events.length = 0;
    subchannels.length = 0;
    const options: ChannelOptions = {
      "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ surface_test: { a: 1 } }] }),
      [key]: mark,
    };
    return new Channel("surface-test:static:///a:1,b:2", ChannelCredentials.createInsecure(), options);
  }

  function publish(...backends: readonly Backend[]): void {
    const endpoints = backends.map(({ host, port }) => ({ addresses: [{ host, port }] }));
    expect(listener(statusOrFromValue(endpoints), {}, null, "")).toBe(true);
  }

  test("our resolver and our policy are made, asked, told and ended as we expect", async () => {
    const channel = open("mark");
    expect(events).toEqual(["resolver for surface-test:static:///a:1,b:2 with mark"]);
    const call = callOnce(clientOf(channel));
    await until("it resolves", () => events.includes("updateResolution"));
    publish(backend);
    expect(await call).toBeUndefined();
    expect(backend.authority).toBe("authority.test");
    backend.code = Status.NOT_FOUND;
    expect((await callOnce(clientOf(channel)))?.code).toBe(Status.NOT_FOUND);
    backend.code = 0;
    channel.close();
    expect(events).toEqual([
      "resolver for surface-test:static:///a:1,b:2 with mark",
      "updateResolution",
      'config {"a":1}',
      "updateAddressList with mark",
      `createSubchannel ${backend.address}`,
      "started",
      "ended 0  true",
      "started",
      "ended 5  true",
      "destroy",
    ]);
  });

  test("channels that differ only in an option with the excluded prefix share a connection", async () => {
    const opened = backend.connectionsOpened;
    const channels: Channel[] = [];
    for (const mark of ["one", "two"]) {
      const channel = open(mark);
      const call = callOnce(clientOf(channel));
      await until("it resolves", () => events.includes("updateResolution"));
      publish(backend);
      expect(await call).toBeUndefined();
      channels.push(channel);
    }
    expect(subchannels.map((subchannel) => subchannel.getRealSubchannel())).toHaveLength(1);
    expect(backend.connectionsOpened - opened).toBeLessThanOrEqual(1);
    for (const channel of channels) {
      channel.close();
    }
  });

  test("round_robin leaves out a subchannel that we call unhealthy, and a call can be made on one alone", async () => {
    const channel = open("health");
    const client = clientOf(channel);
    const call = callOnce(client);
    await until("it resolves", () => events.includes("updateResolution"));
    publish(backend, other);
    expect(await call).toBeUndefined();
    await until("both are connected", () => subchannels.every((each) => each.getConnectivityState() === State.READY));
    const left = subchannels.find((each) => each.getAddress() === backend.address);
    left?.tell(false);
    expect(left?.isHealthy()).toBe(false);
    const before = backend.calls;
    for (let index = 0; index < 4; index += 1) {
      expect(await callOnce(client)).toBeUndefined();
    }
    expect(backend.calls).toBe(before);
    // Health watches are such calls.
    const alone = left?.getChannel();
    expect(alone).toBeDefined();
    const status = await new Promise<StatusObject>((resolve) => {
      const watch = alone && createCall(alone as Channel, "/a.B/C", undefined);
      watch?.start(new Metadata(), {
        onReceiveMetadata: () => undefined,
        onReceiveMessage: () => watch.startRead(),
        onReceiveStatus: resolve,
      });
      watch?.startRead();
      watch?.sendMessageWithContext({}, Buffer.alloc(0));
      watch?.halfClose();
    });
    expect(status.code).toBe(Status.OK);
    expect(backend.calls).toBe(before + 1);
    left?.tell(true);
    await callOnce(client);
    await callOnce(client);
    expect(backend.calls).toBe(before + 2);
    channel.close();
  });
});
