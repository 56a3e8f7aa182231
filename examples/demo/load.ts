// SPDX-License-Identifier: Apache-2.0
import type { OrderServiceClient } from "../../generated/shop/orders/v1/orders_client.ts";

const callers = 10;

/** What becomes of calls that are made all the time. */
export interface Load extends AsyncDisposable {
  readonly ok: number;
  readonly errors: readonly unknown[];
  stop(): Promise<void>;
}

/** Calls without a pause, several at a time, until it is stopped. */
export function startLoad(orders: OrderServiceClient): Load {
  let running = true;
  let ok = 0;
  const errors: unknown[] = [];
  const caller = async (): Promise<void> => {
    while (running) {
      try {
        await orders.getOrder({ orderId: `${ok}` });
        ok += 1;
      } catch (error) {
        errors.push(error);
      }
    }
  };
  const done = Promise.all(Array.from({ length: callers }, caller));
  const stop = async (): Promise<void> => {
    running = false;
    await done;
  };
  return {
    get ok() {
      return ok;
    },
    errors,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
