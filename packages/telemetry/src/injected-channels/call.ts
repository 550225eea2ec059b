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

/** The name of an event, as the transformer makes it of a library and the channel of a function. */
export function eventOf(library: string, channel: string, event: string): string {
  return `tracing:orchestrion:${library}:${channel}:${event}`;
}

/** Listeners that make a span of each call of a channel. */
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
