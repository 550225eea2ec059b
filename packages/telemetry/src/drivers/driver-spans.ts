import type { Span } from '@opentelemetry/api';
import { SpanKind } from '@opentelemetry/api';
import { endFailed, recordedContext } from '../kysely/query-spans.ts';
import { tracer } from '../spans/tracer.ts';
import type { DriverMessage } from './commands.ts';
import { COMMANDS } from './commands.ts';

/** The spans of commands that are under way, by the message that all events of a command share. */
const open = new WeakMap<object, Span>();

/**
 * Makes a CLIENT span of each command by the stable semantic conventions for databases, from the events of the driver's
 * tracing channel. A command outside of a trace makes no span, as a statement of `tracedDialect`.
 */
export const driverSpans = {
  start(channel: string, message: DriverMessage): void {
    const parent = recordedContext();
    const command = COMMANDS[channel]?.describe(message);
    if (parent === undefined || command === undefined) return;
    const { name, attributes } = command;
    open.set(message, tracer().startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent));
  },
  asyncStart(_channel: string, message: DriverMessage): void {
    take(message)?.end();
  },
  error(channel: string, message: DriverMessage): void {
    endFailed(take(message), message.error, COMMANDS[channel]?.statusCode(message.error));
  },
};

/** The span of a command that is over, once. */
function take(message: DriverMessage): Span | undefined {
  const span = open.get(message);
  open.delete(message);
  return span;
}
