import { tracePlace } from '../../../../core/places/place.ts';
import type { LinkedSpan } from '../../../../core/traces/model/outline.ts';
import { visibleName } from '../../../../lib/text/harmless-text.ts';
import { hrefHere } from '../../../../page/browser/router.ts';
import { pageSettings } from '../../../../page/browser/settings.ts';
import { Attributes } from '../../../../page/components/field-list.tsx';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import { Time } from '../../../../page/components/times/time.tsx';
import type { ShownTrace } from '../state/use-actions.ts';
import { useAnnotations } from './span-forms.ts';

/** The spans of this span's links, usually of other traces, and the spans of other traces that link to it. */
export function LinksTab({ shown }: { shown: ShownTrace }) {
  const { model, selected } = shown;
  const own = model.source(selected);
  const linked = model.linked.filter(({ at }) => at === own);
  const spanOf = (index: number) =>
    index >= 0 && { span: { name: model.name(index), service: model.service(index) } };
  const from = linked.filter(({ side }) => side === 'after');
  return (
    <div class="column">
      <Loaded load={useAnnotations(model, selected)} what="Reading the links">
        {({ links }) => (
          <ol class="event-list cards">
            {links.map(({ traceId = '', spanId = '', attributes = [] }, index) => (
              <li key={`${index} ${spanId}`}>
                <SpanLink
                  trace_id={traceId}
                  span_id={spanId}
                  {...(traceId === model.traceId
                    ? { isOwn: true, ...spanOf(model.indexOf(spanId)) }
                    : linked.find(({ span_id }) => span_id === spanId))}
                />
                <Attributes attributes={attributes} />
              </li>
            ))}
            {links.length === 0 && <li class="muted">The span has no links.</li>}
          </ol>
        )}
      </Loaded>
      {own >= 0 && (
        <section class="linked-from column">
          <h3>Linked from</h3>
          <ol class="event-list cards">
            {from.map((each) => (
              <li key={`${each.trace_id} ${each.span_id}`}>
                <SpanLink {...each} />{' '}
                {each.span && <Time at={Number(model.start / 1_000_000n) + each.span.offset / 1e6} />}
              </li>
            ))}
            {from.length === 0 && <li class="muted">No stored span of another trace links to it.</li>}
          </ol>
        </section>
      )}
    </div>
  );
}

interface SpanLinkProps extends Pick<LinkedSpan, 'trace_id' | 'span_id'> {
  readonly span?: Pick<NonNullable<LinkedSpan['span']>, 'name' | 'service'> | undefined;
  readonly isOwn?: boolean;
}

/** A span by its name and service. One of another trace may be stored no longer, or not yet; a saved page has no other trace. */
function SpanLink({ trace_id, span_id, span, isOwn = false }: SpanLinkProps) {
  const id = isOwn ? span_id : `${trace_id} span ${span_id}`;
  const name = span ? visibleName(span.name) : id;
  const note = isOwn ? 'of this trace' : span === undefined && 'is not stored';
  return (
    <>
      {isOwn || pageSettings.saved === undefined ? (
        <a class={span ? undefined : 'mono'} href={hrefHere(tracePlace(trace_id, span_id))}>
          {name}
        </a>
      ) : (
        <code>{name}</code>
      )}{' '}
      {span && <ServiceLink name={span.service} />} {note && <span class="muted">{note}</span>}
    </>
  );
}
