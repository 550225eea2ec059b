import { useState } from 'preact/hooks';
import { visibleName } from '../../../../../shared/harmless-text.ts';
import type { TraceModel } from '../../../../../traces/model/trace-model.ts';
import { getJson } from '../../../../api.ts';
import { Loaded } from '../../../../components/states/loaded.tsx';
import { formatCount, formatDuration } from '../../../../format.ts';
import { useLoad } from '../../../../use-load.ts';
import type { ShownTrace } from '../../use-actions.ts';
import { plainAttributes, plainValue } from '../any-value.ts';
import { FieldList } from '../field-list.tsx';
import { spanPath } from '../span-forms.ts';
import type { Turn } from './join-calls.ts';

/** Calls that are read at a time: those around the selected one. */
const MAX_CALLS = 50;

/** What was said to generative models in the trace, and what they said; of the selected call, its tokens. */
export function ConversationTab({ shown }: { shown: ShownTrace }) {
  const { model, selected, logs } = shown;
  const [alone, setAlone] = useState(false);
  const all = callsOf(model);
  const from = Math.max(0, Math.min(all.indexOf(selected) - MAX_CALLS / 2, all.length - MAX_CALLS));
  const places = alone ? [selected] : all.slice(from, from + MAX_CALLS);
  const paths = places.map((place) => [
    ...(logs.byPlace.get(place) ?? [])
      .filter(({ entry }) => entry.event_name?.startsWith('gen_ai.'))
      .map(({ entry }) => `/api/logs/${entry.id}`),
    spanPath(model, place, 'otlp'),
  ]);
  const load = useLoad(
    async (signal) => {
      // What these import stays with them: a chunk for what they shared would make every view larger.
      const [{ readConversation }, { joinCalls }] = await Promise.all([
        import('./read-conversation.ts'),
        import('./join-calls.ts'),
      ]);
      const calls = await Promise.all(
        places.map(async (place, at) => {
          const forms = await Promise.all((paths[at] ?? []).map((path) => getJson<object>(path, signal)));
          const start = model.offset[place] ?? 0;
          const end = start + (model.length[place] ?? 0);
          const hasCalls = places.some((other) => other > place && other < (model.end[place] ?? 0));
          return { place, start, end, hasCalls, ...readConversation(forms, { plainAttributes, plainValue }) };
        }),
      );
      const facts = calls.find(({ place }) => place === selected)?.facts ?? [];
      return { facts, turns: joinCalls(calls), isTitled: calls.length > 1 };
    },
    [paths.join()],
  );
  return (
    <Loaded load={load} what="Reading the conversation">
      {({ facts, turns, isTitled }) => (
        <>
          <FieldList fields={facts} />
          {all.length > 1 && (
            <label>
              <input type="checkbox" checked={alone} onChange={() => setAlone(!alone)} /> This call alone, of{' '}
              {formatCount(all.length)}
              {places.length < all.length && !alone && `; shown are ${from + 1} to ${from + places.length}`}
            </label>
          )}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <ol class="event-list" tabIndex={0}>
            {turns.map((turn, index) => (
              <TurnItem key={`${index}`} turn={turn} shown={shown} isTitled={isTitled} />
            ))}
          </ol>
        </>
      )}
    </Loaded>
  );
}

function TurnItem({ turn, shown, isTitled }: { turn: Turn; shown: ShownTrace; isTitled: boolean }) {
  const { place, messages, repeated, note } = turn;
  const { model, selected, select } = shown;
  return (
    <li aria-current={isTitled && place === selected ? 'true' : undefined}>
      {isTitled && (
        <p>
          <button type="button" class="link" onClick={() => select(place)}>
            {visibleName(model.name(place))}
          </button>{' '}
          <span class="muted">
            at {formatDuration((model.offset[place] ?? 0) / 1e6)}
            {repeated > 0 &&
              `, after ${formatCount(repeated)} ${repeated === 1 ? 'message' : 'messages'} of before`}
          </span>
        </p>
      )}
      {note !== undefined && <h3>{note}</h3>}
      {messages.map(({ role, reason, parts }, index) => (
        <section key={`${index}`}>
          <h3>{reason === undefined ? role : `${role}, ended by ${reason}`}</h3>
          {parts.map(({ title, text }, at) => (
            <p key={`${at}`} class="log-said">
              <span class="muted">{title}</span>
              {text}
            </p>
          ))}
        </section>
      ))}
    </li>
  );
}

/** Places of all calls of models, in the order of time. */
function callsOf(model: TraceModel): number[] {
  const places = Array.from({ length: model.count }, (_, place) => place).filter(model.isGenerative);
  return places.sort((a, b) => (model.offset[a] ?? 0) - (model.offset[b] ?? 0));
}
