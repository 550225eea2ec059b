import type { Attributes, Exception } from '@opentelemetry/api';
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from '@opentelemetry/semantic-conventions';

/**
 * The attributes of the event that an exception is on a span, by the semantic conventions for exceptions: none for a
 * value that says neither a type nor a message. The code of an error says more than its class.
 */
export function exceptionAttributes(exception: Exception): Attributes {
  if (typeof exception === 'string') return exception === '' ? {} : { [ATTR_EXCEPTION_MESSAGE]: exception };
  const attributes: Attributes = {};
  if (!exception) return attributes;
  const type = exception.code ? exception.code.toString() : exception.name;
  if (type) attributes[ATTR_EXCEPTION_TYPE] = type;
  if (exception.message) attributes[ATTR_EXCEPTION_MESSAGE] = exception.message;
  if (!type && !exception.message) return {};
  if (exception.stack) attributes[ATTR_EXCEPTION_STACKTRACE] = exception.stack;
  return attributes;
}
