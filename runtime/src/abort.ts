// SPDX-License-Identifier: Apache-2.0

/** The signals that end a call: of its caller, and of the work it is made for. */
export interface CallSignals {
  readonly signal?: AbortSignal | undefined;
  readonly scopeSignals?: readonly AbortSignal[] | undefined;
}

/** The signal that has ended a call already, if one has. */
export function abortedSignal(signals: CallSignals): AbortSignal | undefined {
  const { signal, scopeSignals } = signals;
  return signal?.aborted ? signal : scopeSignals?.find(({ aborted }) => aborted);
}

/**
 * Calls back when a signal ends a call, until the function it returns is called; nothing when there is no signal. Each is listened
 * to by itself: `AbortSignal.any` leaves something behind on a signal that outlives the calls, on Node.js 22 without end.
 */
export function listenForAbort(
  { signal, scopeSignals }: CallSignals,
  onAbort: (signal: AbortSignal) => void,
): (() => void) | undefined {
  if (signal === undefined && scopeSignals === undefined) {
    return undefined;
  }
  const signals = [...(signal === undefined ? [] : [signal]), ...(scopeSignals ?? [])];
  const listener = ({ target }: Event): void => onAbort(target as AbortSignal);
  for (const each of signals) {
    each.addEventListener("abort", listener);
  }
  return () => {
    for (const each of signals) {
      each.removeEventListener("abort", listener);
    }
  };
}
