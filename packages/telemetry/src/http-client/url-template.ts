import { context, createContextKey } from '@opentelemetry/api';

const URL_TEMPLATE = createContextKey('tandem url.template');

/**
 * Runs `fn`; the CLIENT spans of requests made in it, or in what it starts, are named `{method} {template}` and have
 * `url.template`.
 *
 * @param template low-cardinality path of the request, as the semantic conventions for `url.template` say:
 *   `/api/users/:handle`
 */
export function withUrlTemplate<T>(template: string, fn: () => T): T {
  return context.with(context.active().setValue(URL_TEMPLATE, template), fn);
}

/** The template that `withUrlTemplate` gave to the active context. */
export function activeUrlTemplate(): string | undefined {
  const template = context.active().getValue(URL_TEMPLATE);
  return typeof template === 'string' ? template : undefined;
}
