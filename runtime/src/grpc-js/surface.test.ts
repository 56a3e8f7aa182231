// SPDX-License-Identifier: Apache-2.0
import { Channel, ChannelCredentials, Metadata, status as Status, type StatusObject } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { createCall, pickedPeer } from "./surface.ts";

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
