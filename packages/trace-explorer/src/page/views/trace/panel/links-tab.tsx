import { hrefOf, tracePlace } from '../../../../places/place.ts';
import { visibleName } from '../../../../shared/harmless-text.ts';
import type { LinkingSpans } from '../../../../traces/read/linking-spans.ts';
import { useJson } from '../../../ask/use-load.ts';
import { hrefHere } from '../../../browser/router.ts';
import { settings } from '../../../browser/settings.ts';
import { Attributes } from '../../../components/field-list.tsx';
import { ServiceName } from '../../../components/services/service-name.tsx';
import { Loaded } from '../../../components/states/loaded.tsx';
import { Time } from '../../../components/times/time.tsx';
import type { ShownTrace } from '../state/use-actions.ts';
import { useAnnotations } from './span-forms.ts';

/** The spans of this span's links, usually of other traces, and the spans that link to it. */
export function LinksTab({ shown }: { shown: ShownTrace }) {
  const { model, selected } = shown;
  return (
    <>
      <Loaded load={useAnnotations(model, selected)} what="Reading the links">
        {({ links }) => (
          <ol class="event-list column">
            {links.map(({ traceId = '', spanId = '', attributes = [] }, index) => (
              <li key={`${index} ${spanId}`}>
                <LinkedSpan isInThisTrace={traceId === model.traceId} traceId={traceId} spanId={spanId} />
                <Attributes attributes={attributes} />
              </li>
            ))}
            {links.length === 0 && <li class="muted">The span has no links.</li>}
          </ol>
        )}
      </Loaded>
      {settings.savedTraceId === undefined && <LinkedFrom shown={shown} />}
    </>
  );
}

/** A link to the span. A saved page contains no other trace, so it has no link. */
function LinkedSpan({
  isInThisTrace,
  traceId,
  spanId,
}: {
  isInThisTrace: boolean;
  traceId: string;
  spanId: string;
}) {
  const text = isInThisTrace ? `this trace, span ${spanId}` : `${traceId} span ${spanId}`;
  if (!isInThisTrace && settings.savedTraceId !== undefined) return <code>{text}</code>;
  return (
    <a class="mono" href={hrefHere(tracePlace(traceId, spanId))}>
      {text}
    </a>
  );
}

/** Spans that link to the selected one, usually of other traces. */
function LinkedFrom({ shown: { model, selected } }: { shown: ShownTrace }) {
  const path = `/api/traces/${model.traceOf(selected)}/spans/${model.spanId(selected)}/links`;
  const load = useJson<LinkingSpans>(path);
  return (
    <section class="linked-from">
      <h3>Linked from</h3>
      <Loaded load={load} what="Looking for links to the span">
        {(spans) => (
          <ol class="event-list column">
            {spans.map(({ trace_id, span_id, service, name, start }) => (
              <li key={`${trace_id} ${span_id}`}>
                <a href={hrefOf(tracePlace(trace_id, span_id))}>{visibleName(name)}</a>{' '}
                <ServiceName name={service} /> <Time at={Date.parse(start)} />
              </li>
            ))}
            {spans.length === 50 && <li class="muted">These are the newest.</li>}
            {spans.length === 0 && <li class="muted">No stored span links to it.</li>}
          </ol>
        )}
      </Loaded>
    </section>
  );
}
