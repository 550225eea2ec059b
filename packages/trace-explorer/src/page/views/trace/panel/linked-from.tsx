import { hrefOf, tracePlace } from '../../../../places/place.ts';
import { visibleName } from '../../../../shared/harmless-text.ts';
import type { LinkingSpans } from '../../../../traces/read/linking-spans.ts';
import { getJson } from '../../../ask/api.ts';
import { useLoad } from '../../../ask/use-load.ts';
import { ServiceName } from '../../../components/services/service-name.tsx';
import { Loaded } from '../../../components/states/loaded.tsx';
import { Time } from '../../../components/times/time.tsx';
import type { ShownTrace } from '../use-actions.ts';

/** Spans that link to the selected one, usually of other traces. */
export function LinkedFrom({ shown: { model, selected } }: { shown: ShownTrace }) {
  const path = `/api/traces/${model.traceOf(selected)}/spans/${model.spanId(selected)}/links`;
  const load = useLoad((signal) => getJson<LinkingSpans>(path, signal), [path]);
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
