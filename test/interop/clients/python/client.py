# SPDX-License-Identifier: Apache-2.0
"""Makes the calls of the interop run. usage: client.py <service config file> <port> <port> <port>"""

import json
import sys
import time

import grpc

config = open(sys.argv[1], encoding="utf-8").read()
target = "ipv4:" + ",".join("127.0.0.1:" + port for port in sys.argv[2:])
channel = grpc.insecure_channel(target, options=[("grpc.service_config", config)])


def call(method, timeout=None):
    stub = channel.unary_unary("/interop.v1.Interop/" + method)
    started = time.monotonic()
    try:
        # Connecting is not part of the check: the timeout is the service config's.
        stub(b"python", timeout=timeout, wait_for_ready=True)
        code = "OK"
    except grpc.RpcError as error:
        code = error.code().name
    return {"code": code, "ms": round((time.monotonic() - started) * 1000)}


call("Spread", timeout=20)
time.sleep(0.5)
report = {
    "version": grpc.__version__,
    "slow": call("Slow", timeout=5),
    "flaky": call("Flaky", timeout=5),
    "spread": [call("Spread", timeout=5)["code"] for _ in range(60)].count("OK"),
}
print(json.dumps(report))
