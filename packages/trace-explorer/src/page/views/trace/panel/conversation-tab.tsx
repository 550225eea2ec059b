import '../../../common.ts';
import { useState } from 'preact/hooks';
import { visibleName } from '../../../../shared/harmless-text.ts';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { getJson } from '../../../api/api.ts';
import { useLoad } from '../../../api/use-load.ts';
import { FieldList } from '../../../components/field-list.tsx';
import { Loaded } from '../../../components/states/loaded.tsx';
import type { Turn } from '../../../conversation/join-calls.ts';
import { MessageList } from '../../../conversation/message-list.tsx';
import { usageOf, usageText } from '../../../conversation/usage.ts';
import { plainAttributes, plainValue } from '../../../values/any-value.ts';
import { formatCount, formatDuration } from '../../../values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { spanPath } from './span-forms.ts';

/** Number of calls of one read, around the selected call. */
const MAX_CALLS = 50;

/** The messages to and from generative models in the trace; of the selected call, its tokens. */
export function ConversationTab({ shown }: { shown: ShownTrace }) {
  const { model, selected, logs } = shown;
  const [alone, setAlone] = useState(false);
  const all = callsOf(model);
  const isCall = all.includes(selected);
  const from = Math.max(0, Math.min(all.indexOf(selected) - MAX_CALLS / 2, all.length - MAX_CALLS));
  const indexes = alone && isCall ? [selected] : all.slice(from, from + MAX_CALLS);
  const paths = indexes.map((index) => [
    ...(logs.byIndex.get(index) ?? [])
      .filter(({ entry }) => entry.event_name?.startsWith('gen_ai.'))
      .map(({ entry }) => `/api/logs/${entry.id}`),
    spanPath(model, index, 'otlp'),
  ]);
  const load = useLoad(
    async (signal) => {
      // Their imports stay with them: a chunk for shared code would make every view larger.
      const [{ readConversation }, { joinCalls }] = await Promise.all([
        import('../../../conversation/read-conversation.ts'),
        import('../../../conversation/join-calls.ts'),
      ]);
      const calls = await Promise.all(
        indexes.map(async (index, at) => {
          const forms = await Promise.all((paths[at] ?? []).map((path) => getJson<object>(path, signal)));
          const start = model.offset[index] ?? 0;
          const end = start + (model.length[index] ?? 0);
          const hasCalls = indexes.some((other) => other > index && other < (model.end[index] ?? 0));
          return { index, start, end, hasCalls, ...readConversation(forms, { plainAttributes, plainValue }) };
        }),
      );
      const facts = calls.find(({ index }) => index === selected)?.facts ?? [];
      return { facts, turns: joinCalls(calls), isTitled: calls.length > 1 };
    },
    [paths.join()],
  );
  return (
    <Loaded load={load} what="Reading the conversation">
      {({ facts, turns, isTitled }) => (
        <>
          {facts.length > 0 && (
            <details class="call-facts">
              <summary>{usageText(usageOf(facts)) || facts[0]?.[1]}</summary>
              <FieldList fields={facts} />
            </details>
          )}
          {all.length > 1 && isCall && (
            <label>
              <input type="checkbox" checked={alone} onChange={() => setAlone(!alone)} /> Only the selected
              one of {formatCount(all.length)} calls
              {indexes.length < all.length && !alone && `; shown are ${from + 1} to ${from + indexes.length}`}
            </label>
          )}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <ol class="event-list column" tabIndex={0}>
            {turns.map((turn, nth) => (
              <TurnItem key={`${nth}`} turn={turn} shown={shown} isTitled={isTitled} />
            ))}
          </ol>
        </>
      )}
    </Loaded>
  );
}

function TurnItem({ turn, shown, isTitled }: { turn: Turn; shown: ShownTrace; isTitled: boolean }) {
  const { index, messages, repeated, note } = turn;
  const { model, selected, select } = shown;
  return (
    <li aria-current={isTitled && index === selected ? 'true' : undefined}>
      {isTitled && (
        <p>
          <button type="button" class="link" onClick={() => select(index)}>
            {visibleName(model.name(index))}
          </button>{' '}
          <span class="muted">
            at {formatDuration((model.offset[index] ?? 0) / 1e6)}
            {repeated > 0 &&
              `, after ${formatCount(repeated)} ${repeated === 1 ? 'message' : 'messages'} of before`}
          </span>
        </p>
      )}
      {note !== undefined && <h3>{note}</h3>}
      <MessageList messages={messages} />
    </li>
  );
}

/** Indexes of all calls of models, in the order of time. */
function callsOf(model: TraceModel): number[] {
  const indexes = Array.from({ length: model.count }, (_, index) => index).filter(model.isGenerative);
  return indexes.sort((a, b) => (model.offset[a] ?? 0) - (model.offset[b] ?? 0));
}
