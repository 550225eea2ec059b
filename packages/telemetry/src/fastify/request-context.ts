import type { IncomingMessage } from 'node:http';
import type { Context } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';

/** Calls `next` with `ctx` active, and makes `ctx` active in the events of a request body, too. */
export function enterRequest(ctx: Context, raw: IncomingMessage, next: () => void): void {
  if (hasBody(raw)) bindEvents(ctx, raw);
  context.with(ctx, next);
}

/** Body events are fired by the connection's parser, in the context in which the connection was opened. */
function bindEvents(ctx: Context, raw: IncomingMessage): void {
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
