import { getJson } from '../../../../api.ts';
import { Loaded } from '../../../../components/states/loaded.tsx';
import { useLoad } from '../../../../use-load.ts';
import type { ShownTrace } from '../../use-actions.ts';
import { plainAttributes } from '../any-value.ts';
import { FieldList } from '../field-list.tsx';
import { spanPath } from '../span-forms.ts';

/** What was said to a generative model, and what it said; its tokens. */
export function ConversationTab({ shown: { model, selected, logs } }: { shown: ShownTrace }) {
  const lines = logs.byPlace.get(selected) ?? [];
  const told = lines.filter(({ entry }) => entry.event_name?.startsWith('gen_ai.'));
  const paths = [...told.map(({ entry }) => `/api/logs/${entry.id}`), spanPath(model, selected, 'otlp')];
  const load = useLoad(
    async (signal) => {
      // It imports nothing: a chunk for what it shared would make every view larger.
      const { readConversation } = await import('./read-conversation.ts');
      const forms = await Promise.all(paths.map((path) => getJson<object>(path, signal)));
      return readConversation(forms, plainAttributes);
    },
    [paths.join()],
  );
  return (
    <Loaded load={load} what="Reading the conversation">
      {({ facts, messages }) => (
        <>
          <FieldList fields={facts} />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <ol class="event-list" tabIndex={0}>
            {messages.map(({ role, parts }, index) => (
              <li key={`${index}`}>
                <h3>{role}</h3>
                {parts.map(({ title, text }, at) => (
                  <p key={`${at}`} class="log-said">
                    <span class="muted">{title}</span>
                    {text}
                  </p>
                ))}
              </li>
            ))}
          </ol>
        </>
      )}
    </Loaded>
  );
}
