import { hrefOf, tracePlace } from '../../../../places/place.ts';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { Busy } from '../../../components/busy.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { Attributes } from './field-list.tsx';
import { useAnnotations } from './span-forms.ts';

/** Spans, usually of other traces, that this span links to. */
export function LinksTab({ model, place }: { model: TraceModel; place: number }) {
  const { links, value, error, reload } = useAnnotations(model, place);
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (value === undefined) return <Busy what="Reading the links" />;
  if (links.length === 0) return <p class="muted">The span has no links.</p>;
  return (
    <ol class="event-list">
      {links.map(({ traceId = '', spanId = '', attributes = [] }, index) => (
        <li key={`${index} ${spanId}`}>
          <a class="mono" href={hrefOf(tracePlace(traceId, spanId))}>
            {traceId === model.traceId ? `this trace, span ${spanId}` : `${traceId} span ${spanId}`}
          </a>
          <Attributes attributes={attributes} />
        </li>
      ))}
    </ol>
  );
}
