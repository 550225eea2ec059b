import type { IncomingMessage } from 'node:http';
import type { Context } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';

/**
 * Makes `ctx` active in the events of a request's body, if it has one: they are fired by the connection's parser, in
 * the context in which the connection was opened.
 */
export function bindBodyEvents(ctx: Context, raw: IncomingMessage): void {
  if (!hasBody(raw)) return;
  const emit = raw.emit;
  raw.emit = function emitInRequestContext(this: IncomingMessage, ...args: Parameters<typeof emit>): boolean {
    return context.with(ctx, () => emit.apply(this, args));
  };
}

function hasBody({ headers, httpVersionMajor, method }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined) return true;
  // HTTP/2 frames its bodies and needs neither header.
  return httpVersionMajor === 2 && method !== 'GET' && method !== 'HEAD';
}
