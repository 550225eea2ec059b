import type { Span } from '@opentelemetry/api';
import { SpanKind, trace } from '@opentelemetry/api';
import { endFailed, recordedContext } from '../kysely/query-spans.ts';
import { enterContext } from '../spans/globals.ts';
import { tracer } from '../spans/tracer.ts';
import type { DriverMessage } from './commands.ts';
import { COMMANDS } from './commands.ts';

/** A command that is under way. */
interface Open {
  /** Undefined once the span has ended. */
  span: Span | undefined;
  /** Leaves the context of the span, where the span is active. */
  readonly leave: { dispose(): void } | undefined;
}

/** The commands that are under way, by the message that all events of a command share. */
const open = new WeakMap<object, Open>();

/**
 * Makes a span of each command by the stable semantic conventions for databases and GraphQL, from the events of the driver's
 * tracing channel. A command outside of a trace makes no span, like a statement of `tracedDialect`.
 */
export const driverSpans = {
  start(channel: string, message: DriverMessage): void {
    const parent = recordedContext();
    const command = COMMANDS[channel];
    if (parent === undefined || command === undefined) return;
    const { name, attributes } = command.describe(message);
    const span = tracer().startSpan(name, { kind: command.kind ?? SpanKind.CLIENT, attributes }, parent);
    const leave = command.isParent ? enterContext(trace.setSpan(parent, span)) : undefined;
    open.set(message, { span, leave });
  },
  /** The command has returned: with its result, or with a promise. */
  end(channel: string, message: DriverMessage): void {
    open.get(message)?.leave?.dispose();
    if ('result' in message) this.asyncStart(channel, message);
  },
  asyncStart(channel: string, message: DriverMessage): void {
    const failure = COMMANDS[channel]?.failureIn?.(message.result);
    const span = take(message);
    if (failure === undefined) span?.end();
    else endFailed(span, failure);
  },
  error(channel: string, message: DriverMessage): void {
    endFailed(take(message), message.error, COMMANDS[channel]?.statusCode(message.error));
  },
};

/** Takes the span of a finished command, once. */
function take(message: DriverMessage): Span | undefined {
  const command = open.get(message);
  const span = command?.span;
  if (command !== undefined) command.span = undefined;
  return span;
}
