import type { Attributes, Context } from '@opentelemetry/api';
import { propagation, SpanKind } from '@opentelemetry/api';
import type { Described } from '../published/commands.ts';

/** What all commands that send messages share. */
export const SENDING = { kind: SpanKind.PRODUCER, isParent: true } as const;
/** What all commands that process messages share. */
export const PROCESSING = { kind: SpanKind.CONSUMER, isParent: true } as const;

/**
 * The span of messages that a call sends, or of one that is processed.
 *
 * @param destination the queue or topic; empty for several
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 */
export function describeMessages(
  system: string,
  operation: 'send' | 'process',
  destination: string,
  more: Attributes,
): Described {
  const attributes: Attributes = {
    'messaging.system.name': system,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    ...more,
  };
  if (destination !== '') attributes['messaging.destination.name'] = destination;
  return { name: `${operation} ${destination}`.trim(), attributes };
}

/** Attributes of a call that can send any number of messages. */
export function countOf(messages: number): Attributes {
  return messages > 1 ? { 'messaging.batch.message_count': messages } : {};
}

/** The fields that carry a context in a message. */
export function fieldsOf(sent: Context): Record<string, string> {
  const fields: Record<string, string> = {};
  propagation.inject(sent, fields);
  return fields;
}
