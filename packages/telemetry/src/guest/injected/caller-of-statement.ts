import type { Attributes, Context, Span } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';
import { recordedContext } from '../../road/statements/query-spans.ts';

/** Attributes of a statement's span, by the present conventions and by older ones. */
const OF_STATEMENT = ['db.query.text', 'db.statement'];

/**
 * The context that a statement's span is made in; undefined outside of a trace, and where the active span is the statement's
 * own: `tracedDialect`, or the instrumentation of a query builder, has made it.
 */
export function callerOfStatement(): Context | undefined {
  const caller = recordedContext();
  const span = caller && (trace.getSpan(caller) as (Span & { readonly attributes?: Attributes }) | undefined);
  const isStatement = OF_STATEMENT.some((name) => span?.attributes?.[name] !== undefined);
  return isStatement ? undefined : caller;
}
