import { channel } from 'node:diagnostics_channel';
import type { Command, DriverMessage } from '../any-process/drivers/commands.ts';
import { spansOf } from '../any-process/drivers/driver-spans.ts';

/** What a function that got a channel publishes: one object for all events of a call. */
export interface Call<S = unknown> extends DriverMessage {
  readonly arguments: unknown[];
  readonly self?: S;
}

/** Names each library that has spans now: the explorer's `run` says so. */
export const announced = channel('@tandem/telemetry:injected-channels');

/** Listeners by the name of an event of a channel. */
export type Listeners = Readonly<Record<string, (call: Call<never>) => void>>;

/** The start of the names of channels: no other tracer listens to them. */
export const OWN = 'tandem_';

/** The name of an event of a function's channel, as the transformer makes it. */
export function eventOf(library: string, name: string, event: string): string {
  return `tracing:orchestrion:${library}:${OWN}${name}:${event}`;
}

/** Listeners that make a span of each call of a function. */
export function listenersOf<S>(
  library: string,
  commands: Readonly<Record<string, Command<Call<S>>>>,
): Listeners {
  const spans = spansOf(commands);
  const listeners = Object.keys(commands).flatMap((channel) =>
    (['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const).map((event) => [
      eventOf(library, channel, event),
      (call: Call<S>) => spans[event](channel, call),
    ]),
  );
  return Object.fromEntries(listeners);
}
