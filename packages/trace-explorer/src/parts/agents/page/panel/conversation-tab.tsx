import { usageOf, usageText } from '../../../../core/traces/model/agents/usage.ts';
import type { Call } from '../../../../core/traces/model/call.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { getJson } from '../../../../page/api/api.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { Disclosure } from '../../../../page/components/disclosure.tsx';
import { FieldList } from '../../../../page/components/field-list.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import { spanPath } from '../../../trace/page/panel/span-forms.ts';
import type { ShownTrace } from '../../../trace/page/state/use-actions.ts';
import { conversationOf } from '../conversation/conversation.ts';
import type { TraceDocument } from '../conversation/read-calls.ts';
import { callsIn } from '../conversation/read-calls.ts';
import { Turns } from '../conversation/turn-item.tsx';

/** Most calls of one read. The view of the conversation has all. */
const MAX_CALLS = 50;

/** The messages and tokens of the selected call of a model; at the trace's root, the messages of all calls. */
export default function ConversationTab({ shown }: { shown: ShownTrace }) {
  const { model, selected, logs } = shown;
  const all = selected === 0 ? callsOf(model) : [selected];
  const indexes = all.slice(0, MAX_CALLS);
  const paths = indexes.flatMap((index) => [
    ...(logs.byIndex.get(index) ?? [])
      .filter(({ entry }) => entry.event_name?.startsWith('gen_ai.'))
      .map(({ entry }) => `/api/logs/${entry.id}`),
    spanPath(model, index, 'otlp'),
  ]);
  const load = useLoad(
    async (signal) => {
      const forms = await Promise.all(paths.map((path) => getJson<TraceDocument>(path, signal)));
      const document = {
        resourceSpans: forms.flatMap(({ resourceSpans = [] }) => resourceSpans),
        resourceLogs: forms.flatMap(({ resourceLogs = [] }) => resourceLogs),
      };
      // The spans between two calls were not read.
      const parents = Array.from(
        model.parent,
        (up, at) => [model.spanId(at), up < 0 ? '' : model.spanId(up)] as const,
      );
      return conversationOf(callsIn(document, new Map(parents)));
    },
    [paths.join()],
  );
  const select = ({ spanId }: Call) => shown.select(model.indexOf(spanId));
  return (
    <Loaded load={load} what="Reading the conversation">
      {({ calls, turns }) => {
        const { facts = [] } = calls.find(({ spanId }) => spanId === model.spanId(selected)) ?? {};
        return (
          <>
            {facts.length > 0 && (
              <Disclosure label={usageText(usageOf(facts)) || facts[0]?.[1]}>
                <FieldList fields={facts} />
              </Disclosure>
            )}
            {indexes.length < all.length && (
              <p class="muted">
                The first {MAX_CALLS} of {formatCount(all.length)} calls.
              </p>
            )}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <ol class="event-list column" tabIndex={0}>
              <Turns calls={calls} turns={turns} onSelect={select} />
            </ol>
          </>
        );
      }}
    </Loaded>
  );
}

function callsOf(model: TraceModel): number[] {
  const indexes = Array.from({ length: model.count }, (_, index) => index).filter(model.isGenerative);
  return indexes.sort((a, b) => (model.offset[a] ?? 0) - (model.offset[b] ?? 0));
}
