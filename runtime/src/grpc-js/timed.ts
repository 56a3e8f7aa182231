// SPDX-License-Identifier: Apache-2.0

/** Those that were given the same time, in the order in which it ends. */
interface Queue {
  readonly timeoutMs: number;
  /** What its timer was made by: tests that fake timers put another there for a while, and its timers end with it. */
  readonly setTimer: typeof setTimeout;
  timer: NodeJS.Timeout | undefined;
  first: Timed | undefined;
  last: Timed | undefined;
}

const queues = new Map<number, Queue>();

/** So many queues are kept when they are empty. */
const maxQueues = 64;

/**
 * Something whose time can run out, e.g. a call. Where calls come one after the other, a timer of Node.js for each is a twentieth
 * of what they cost: it is entered into a list that is made for it, and dropped with it. So all that have the same time share a
 * timer, which stays when nobody waits, and keeps no process running.
 */
export abstract class Timed {
  #queue: Queue | undefined;
  #endsAtMs = 0;
  #earlier: Timed | undefined;
  #later: Timed | undefined;

  /** Its time is up. */
  protected abstract onTimeUp(): void;

  /** Its time runs from now on, which is at most what `setTimeout` takes: 2,147,483,647 ms. */
  protected startTimer(timeoutMs: number): void {
    const open = queues.get(timeoutMs);
    const queue = open?.setTimer === setTimeout ? open : Timed.#open(timeoutMs);
    const { last } = queue;
    this.#endsAtMs = performance.now() + timeoutMs;
    this.#queue = queue;
    this.#earlier = last;
    if (last === undefined) {
      queue.first = this;
    } else {
      last.#later = this;
    }
    queue.last = this;
  }

  /** Its time no longer matters. */
  protected stopTimer(): void {
    const queue = this.#queue;
    if (queue === undefined) {
      return;
    }
    this.#leave(queue);
    if (queue.first === undefined && queues.size > maxQueues) {
      clearTimeout(queue.timer);
      forget(queue);
    }
  }

  #leave(queue: Queue): void {
    const earlier = this.#earlier;
    const later = this.#later;
    if (earlier === undefined) {
      queue.first = later;
    } else {
      earlier.#later = later;
    }
    if (later === undefined) {
      queue.last = earlier;
    } else {
      later.#earlier = earlier;
    }
    this.#queue = undefined;
    this.#earlier = undefined;
    this.#later = undefined;
  }

  static #open(timeoutMs: number): Queue {
    const queue: Queue = { timeoutMs, setTimer: setTimeout, timer: undefined, first: undefined, last: undefined };
    queues.set(timeoutMs, queue);
    Timed.#wait(queue, timeoutMs);
    return queue;
  }

  static #wait(queue: Queue, delayMs: number): void {
    queue.timer = setTimeout(Timed.#onTimer, delayMs, queue).unref();
  }

  static #onTimer(queue: Queue): void {
    try {
      Timed.#endThoseDue(queue);
    } finally {
      if (queue.first === undefined) {
        forget(queue);
      } else {
        Timed.#wait(queue, Math.max(1, Math.ceil(queue.first.#endsAtMs - performance.now())));
      }
    }
  }

  static #endThoseDue(queue: Queue): void {
    // Timers of Node.js fire up to a millisecond early.
    const dueAtMs = performance.now() + 1;
    for (let { first } = queue; first !== undefined && first.#endsAtMs <= dueAtMs; first = queue.first) {
      first.#leave(queue);
      first.onTimeUp();
    }
  }
}

function forget(queue: Queue): void {
  if (queues.get(queue.timeoutMs) === queue) {
    queues.delete(queue.timeoutMs);
  }
}
