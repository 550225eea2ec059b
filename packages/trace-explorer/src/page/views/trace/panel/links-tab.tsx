import { tracePlace } from '../../../../places/place.ts';
import { hrefHere } from '../../../browser/router.ts';
import { settings } from '../../../browser/settings.ts';
import { Attributes } from '../../../components/field-list.tsx';
import { Loaded } from '../../../components/states/loaded.tsx';
import type { ShownTrace } from '../use-actions.ts';
import { LinkedFrom } from './linked-from.tsx';
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
