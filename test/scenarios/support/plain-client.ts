// SPDX-License-Identifier: Apache-2.0
import { Channel, credentials } from "@grpc/grpc-js";
import { Load } from "./load.ts";

// `plain-client.ts <target> <clients> <calls per second of each>`: clients of grpc-js as it comes, with round_robin, until the
// parent disconnects. They ask the DNS server in the target only if GRPC_NODE_USE_ALTERNATIVE_RESOLVER is set beforehand.
const [target = "", clients = "1", rate = "1"] = process.argv.slice(2);
const channels = Array.from(
  { length: Number(clients) },
  () =>
    new Channel(target, credentials.createInsecure(), {
      "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
      "grpc.service_config_disable_resolution": 1,
      "grpc.use_local_subchannel_pool": 1,
      "grpc.dns_min_time_between_resolutions_ms": 1000,
    }),
);
Load.start(channels, Number(rate), 60_000);
process.on("disconnect", () => process.exit());
