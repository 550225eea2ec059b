import { context, createContextKey } from '@opentelemetry/api';

/** Not among the stable names of @opentelemetry/semantic-conventions yet. */
export const ATTR_URL_TEMPLATE = 'url.template';

const URL_TEMPLATE = createContextKey('tandem url.template');

/**
 * Runs `fn`; the CLIENT spans of requests made in it, or in what it starts, are named `{method} {template}` and have
 * `url.template`.
 *
 * @param template low-cardinality path of the request, as the semantic conventions for `url.template` say:
 *   `/api/users/:handle`
 * @returns what `fn` returns; what it throws is passed on
 *
 * @example
 * const user = await withUrlTemplate('/api/users/:handle', () => fetch(`${base}/api/users/${handle}`));
 */
export function withUrlTemplate<T>(template: string, fn: () => T): T {
  return context.with(context.active().setValue(URL_TEMPLATE, template), fn);
}

/** The template that `withUrlTemplate` gave to the active context. */
export function activeUrlTemplate(): string | undefined {
  const template = context.active().getValue(URL_TEMPLATE);
  return typeof template === 'string' ? template : undefined;
}
