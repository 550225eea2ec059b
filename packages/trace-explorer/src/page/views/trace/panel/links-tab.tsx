import { tracePlace } from '../../../../places/place.ts';
import { Loaded } from '../../../components/states/loaded.tsx';
import { hrefHere } from '../../../shell/router.ts';
import { settings } from '../../../shell/settings.ts';
import type { ShownTrace } from '../use-actions.ts';
import { Attributes } from './field-list.tsx';
import { LinkedFrom } from './linked-from.tsx';
import { useAnnotations } from './span-forms.ts';

/** Spans, usually of other traces, that this span links to, and those that link to it. */
export function LinksTab({ shown }: { shown: ShownTrace }) {
  const { model, selected } = shown;
  return (
    <>
      <Loaded load={useAnnotations(model, selected)} what="Reading the links">
        {({ links }) => (
          <ol class="event-list">
            {links.map(({ traceId = '', spanId = '', attributes = [] }, index) => (
              <li key={`${index} ${spanId}`}>
                <LinkedSpan shown={traceId === model.traceId} traceId={traceId} spanId={spanId} />
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

/** Leads to the span, except on a saved page, which has no other trace. */
function LinkedSpan({ shown, traceId, spanId }: { shown: boolean; traceId: string; spanId: string }) {
  const text = shown ? `this trace, span ${spanId}` : `${traceId} span ${spanId}`;
  if (!shown && settings.savedTraceId !== undefined) return <code>{text}</code>;
  return (
    <a class="mono" href={hrefHere(tracePlace(traceId, spanId))}>
      {text}
    </a>
  );
}
