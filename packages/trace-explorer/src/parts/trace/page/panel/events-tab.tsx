import { useLayoutEffect, useRef } from 'preact/hooks';
import { visibleName } from '../../../../lib/text/harmless-text.ts';
import { levelWord } from '../../../../lib/text/log-levels.ts';
import { plainText } from '../../../../lib/text/plain-text.ts';
import { Attributes, FieldList } from '../../../../page/components/field-list.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import { LevelSign } from '../../../../page/log-lines/level-sign.tsx';
import LogDetail from '../../../../page/log-lines/log-detail.tsx';
import { formatDuration } from '../../../../page/values/format.ts';
import type { OtlpEvent } from '../../../../page/values/otlp-form.ts';
import type { TraceLog } from '../state/trace-logs.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { useAnnotations } from './span-forms.ts';

/** Events and log lines of the span, ordered by time. Exceptions have their stack. */
export function EventsTab({ shown }: { shown: ShownTrace }) {
  const { model, selected: index } = shown;
  const logs = shown.logs.byIndex.get(index) ?? [];
  const chosen = shown.state.line;
  const load = useAnnotations(model, index);
  const list = useRef<HTMLOListElement>(null);
  useLayoutEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen, load.value === undefined]);
  const marks = model.events.get(index) ?? [];
  const start = model.offset[index] ?? 0;
  const parts = [
    ...(load.value?.events ?? []).map((event, nth) => ({ at: marks[nth]?.offset ?? 0, event })),
    ...logs.map((line) => ({ at: line.offset, line })),
  ].sort((a, b) => a.at - b.at);
  return (
    <Loaded load={load} what="Reading the events">
      {() => (
        <ol class="event-list cards" ref={list}>
          {parts.map((part, nth) =>
            'event' in part ? (
              <SpanEvent
                key={`${nth} ${part.event.timeUnixNano}`}
                event={part.event}
                since={part.at - start}
              />
            ) : (
              <SpanLogLine
                key={`log ${part.line.entry.id}`}
                line={part.line}
                since={part.at - start}
                chosen={part.line.entry.id === chosen}
              />
            ),
          )}
          {parts.length === 0 && <li class="muted">The span has no events and no log lines.</li>}
        </ol>
      )}
    </Loaded>
  );
}

function SpanEvent({ event: { name, attributes = [] }, since }: { event: OtlpEvent; since: number }) {
  return (
    <li>
      <h3 class="line">
        <span class={name === 'exception' ? 'event-mark exception' : 'event-mark'} aria-hidden="true" />
        {visibleName(name ?? '')} <Since at={since} />
      </h3>
      <Attributes attributes={attributes} />
    </li>
  );
}

/** Time since the span's start; nanoseconds. */
function Since({ at }: { at: number }) {
  return (
    <span class="muted">
      {at < 0 ? `${formatDuration(-at / 1e6)} before` : `${formatDuration(at / 1e6)} after`} the span's start
    </span>
  );
}

/** A log line in the form of a span event. An exception has the name of its type, as an event would. */
function SpanLogLine({ line, since, chosen }: { line: TraceLog; since: number; chosen: boolean }) {
  const { entry, kind } = line;
  const { body = '', event_name: name = kind === 'exception' ? kind : undefined, attributes } = entry;
  return (
    <li class={chosen ? 'chosen' : undefined} aria-current={chosen ? 'true' : undefined}>
      <h3 class="line">
        <LevelSign kind={kind} />
        <span class={`level-word label mono ${kind}`}>{levelWord(entry.severity)}</span>
        {name !== undefined && <span>{name}</span>} <Since at={since} />
      </h3>
      {body !== '' && <p class="said mono">{body}</p>}
      {entry.partial ? (
        <LogDetail id={entry.id} entry={entry} />
      ) : (
        <FieldList fields={Object.entries(attributes).map(([key, value]) => [key, plainText(value)])} />
      )}
    </li>
  );
}
