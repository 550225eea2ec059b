import { Busy } from '../../../components/busy.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { formatCount, formatDuration } from '../../../format.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { KeyValue } from './any-value.ts';
import { valueText } from './any-value.ts';
import { CopyText } from './copy-text.tsx';
import { useAnnotations } from './span-forms.ts';
import { readStack } from './stack-frames.ts';

/** The span's events in their order, exceptions with their stack. */
export function EventsTab({ model, place }: { model: TraceModel; place: number }) {
  const { events, value, error, reload } = useAnnotations(model, place);
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (value === undefined) return <Busy what="Reading the events" />;
  if (events.length === 0) return <p class="muted">The span has no events.</p>;
  const marks = model.events.get(place) ?? [];
  return (
    <ol class="event-list">
      {events.map((event, index) => {
        const since = (marks[index]?.offset ?? 0) - (model.offset[place] ?? 0);
        return (
          <li key={`${index} ${event.timeUnixNano}`}>
            <h3>
              <span
                class={event.name === 'exception' ? 'event-sign exception' : 'event-sign'}
                aria-hidden="true"
              />
              {event.name || '(no name)'}{' '}
              <span class="muted">
                {since < 0
                  ? `${formatDuration(-since / 1e6)} before`
                  : `${formatDuration(since / 1e6)} after`}{' '}
                the span's start
              </span>
            </h3>
            <Attributes attributes={event.attributes ?? []} />
          </li>
        );
      })}
    </ol>
  );
}

/** A stack that scrolls in itself: our own frames first, those of libraries behind a fold. */
function StackTrace({ text }: { text: string }) {
  const { head, own, library } = readStack(text);
  const folds = own.length > 0 && library.length > 0;
  return (
    <div class="stack-parts">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre class="stack" tabIndex={0}>
        {folds ? [head, ...own].filter((line) => line !== '').join('\n') : text}
      </pre>
      {folds && (
        <details>
          <summary>
            {formatCount(library.length)} {library.length === 1 ? 'frame' : 'frames'} of libraries
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
          <pre class="stack" tabIndex={0}>
            {library.join('\n')}
          </pre>
        </details>
      )}
      <CopyText what="stack" text={text} />
    </div>
  );
}

/** Keys and values; a stack keeps its lines. */
export function Attributes({ attributes }: { attributes: readonly KeyValue[] }) {
  return (
    <dl class="field-list">
      {attributes.map(({ key, value }, index) => {
        const text = valueText(value);
        return (
          <div key={`${index} ${key}`}>
            <dt>{key}</dt>
            <dd>
              {key === 'exception.stacktrace' ? (
                <StackTrace text={text} />
              ) : (
                <span class={text.includes('\n') ? 'field-value lines' : 'field-value'}>{text}</span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
