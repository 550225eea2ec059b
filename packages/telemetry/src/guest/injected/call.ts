import { channel } from 'node:diagnostics_channel';
import type { Command, DriverMessage } from '../published/commands.ts';
import { spansOf } from '../published/driver-spans.ts';

/** What a function that got a channel publishes: one object for all events of a call. */
export interface Call<S = unknown> extends DriverMessage {
  readonly arguments: unknown[];
  readonly self?: S;
  result?: unknown;
  error?: unknown;
}

/** Functions with a channel → the library's own. */
export const originals = new WeakMap<object, (...args: never[]) => unknown>();

/** Names each library that has spans now, and each copy of one that has none, with the reason: the explorer's `run` says so. */
const announced = channel('@tandem/telemetry:injected-channels');

/** Says that a library has spans now. */
export function announceGiven(library: string): void {
  announced.publish({ library });
}

/** Says that a copy of a library has no spans, and why. */
export function announceLeft(library: string, url: string, reason: string): void {
  announced.publish({ library, url, reason });
}

/** Listeners of a library by function and event: `query:start`. */
export type Listeners = Readonly<Record<string, (call: never) => void>>;

/** Listeners that make a span of each call of a function. */
export function listenersOf<S>(commands: Readonly<Record<string, Command<Call<S>>>>): Listeners {
  const spans = spansOf(commands);
  const listeners = Object.keys(commands).flatMap((name) =>
    (['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const).map((event) => [
      `${name}:${event}`,
      (call: Call<S>) => spans[event](name, call),
    ]),
  );
  return Object.fromEntries(listeners);
}
