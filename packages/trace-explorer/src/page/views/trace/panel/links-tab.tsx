import { hrefOf, tracePlace } from '../../../../places/place.ts';
import { Loaded } from '../../../components/states/loaded.tsx';
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
                <a class="mono" href={hrefOf(tracePlace(traceId, spanId))}>
                  {traceId === model.traceId ? `this trace, span ${spanId}` : `${traceId} span ${spanId}`}
                </a>
                <Attributes attributes={attributes} />
              </li>
            ))}
            {links.length === 0 && <li class="muted">The span has no links.</li>}
          </ol>
        )}
      </Loaded>
      <LinkedFrom shown={shown} />
    </>
  );
}
