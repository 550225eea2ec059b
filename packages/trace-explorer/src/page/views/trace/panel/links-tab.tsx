import { hrefOf, tracePlace } from '../../../../places/place.ts';
import { visibleName } from '../../../../shared/harmless-text.ts';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import type { LinkingSpans } from '../../../../traces/read/linking-spans.ts';
import { sendQuery } from '../../../api/send-query.ts';
import { useJson, useLoad } from '../../../api/use-load.ts';
import { hrefHere } from '../../../browser/router.ts';
import { pageSettings } from '../../../browser/settings.ts';
import { Attributes } from '../../../components/field-list.tsx';
import { ServiceName } from '../../../components/services/service-name.tsx';
import { Loaded } from '../../../components/states/loaded.tsx';
import { Time } from '../../../components/times/time.tsx';
import type { ShownTrace } from '../state/use-actions.ts';
import { useAnnotations } from './span-forms.ts';

/** Spans may be so far in the future, by the clocks of their senders. */
const SKEWED_SECONDS = 86_400;

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
                <LinkedSpan model={model} traceId={traceId} spanId={spanId} />
                <Attributes attributes={attributes} />
              </li>
            ))}
            {links.length === 0 && <li class="muted">The span has no links.</li>}
          </ol>
        )}
      </Loaded>
      {pageSettings.saved === undefined && <LinkedFrom shown={shown} />}
    </>
  );
}

/** A link to the span, by its name and service. A saved page contains no other trace, so it has no link. */
function LinkedSpan({ model, traceId, spanId }: { model: TraceModel; traceId: string; spanId: string }) {
  if (traceId !== model.traceId) {
    if (pageSettings.saved === undefined) return <OtherSpan traceId={traceId} spanId={spanId} />;
    return (
      <code>
        {traceId} span {spanId}
      </code>
    );
  }
  const index = model.indexOf(spanId);
  const name = index < 0 ? undefined : model.name(index);
  return (
    <>
      <SpanLink traceId={traceId} spanId={spanId} name={name} service={model.service(index)} />{' '}
      <span class="muted">of this trace</span>
    </>
  );
}

/** A span of another trace. It may be stored no longer, or not yet. */
function OtherSpan({ traceId, spanId }: { traceId: string; spanId: string }) {
  const { value } = useLoad((signal) => readSpan(traceId, spanId, signal), [traceId, spanId]);
  return (
    <>
      <SpanLink traceId={traceId} spanId={spanId} name={value?.name} service={value?.['service.name']} />
      {value === null && <span class="muted"> is not stored</span>}
    </>
  );
}

/** Name and service of a span, whenever it was; null for a span that is not stored, which is not a failure. */
async function readSpan(traceId: string, spanId: string, signal: AbortSignal) {
  const { results } = await sendQuery(
    '__all__',
    {
      calculations: [{ op: 'COUNT' }],
      filters: [
        { column: 'trace.trace_id', op: '=', value: traceId },
        { column: 'trace.span_id', op: '=', value: spanId },
      ],
      breakdowns: ['name', 'service.name'],
      start_time: 1,
      end_time: Math.ceil(Date.now() / 1000) + SKEWED_SECONDS,
      limit: 1,
    },
    { series: false, signal },
  );
  return results[0]?.data ?? null;
}

function SpanLink({
  traceId,
  spanId,
  name,
  service,
}: {
  traceId: string;
  spanId: string;
  name: unknown;
  service: unknown;
}) {
  const isKnown = typeof name === 'string';
  return (
    <>
      <a class={isKnown ? undefined : 'mono'} href={hrefHere(tracePlace(traceId, spanId))}>
        {isKnown ? visibleName(name) : `${traceId} span ${spanId}`}
      </a>{' '}
      {typeof service === 'string' && service !== '' && <ServiceName name={service} />}
    </>
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
