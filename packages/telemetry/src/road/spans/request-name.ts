import type { Span } from './engine.ts';

/** More of a path says nothing of its route. */
const MOST_CHARACTERS = 500;
/** Whether a name is only a method, as servers without routes have them. */
export function isMethodAlone(name: string): boolean {
  return /^[A-Z]*$/.test(name);
}

/** A path without its ids, as a route would have it. @example pathShape('/v1/users/7') // '/v1/users/:id' */
export function pathShape(path: string): string {
  const parts = path.slice(0, MOST_CHARACTERS).split('/');
  return parts.map((part) => (/\d|.{30}/.test(part) && !/^v\d+$/.test(part) ? ':id' : part)).join('/');
}

/**
 * A request by the name of its SERVER span, and where that is only a method by its path without ids; empty for a route. The path is
 * known once the request has ended: what is redacted of it is gone then.
 */
export function requestName(request: Pick<Span, 'name' | 'attributes' | 'isRecording'>): {
  readonly name: string;
  readonly path: string;
} {
  const { name, attributes } = request;
  const isPathAsked = isMethodAlone(name) && !request.isRecording();
  return { name, path: isPathAsked ? pathShape(String(attributes['url.path'] ?? '')) : '' };
}
