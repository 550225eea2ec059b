import { useState } from 'preact/hooks';
import type { TraceSummary } from '../../../../core/traces/list/summaries.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { readTraceReference } from '../../../../core/traces/model/trace-reference.ts';
import { counted } from '../../../../lib/text/words.ts';
import { useJson } from '../../../../page/api/use-load.ts';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import { formatCount, formatDuration, formatTime, signedDuration } from '../../../../page/values/format.ts';

const COLUMNS = { '--columns': 'repeat(auto-fit, minmax(88px, 1fr))' };
/** A trace with the same root, and the reason for the offer: as a median or fast one, or by its version. */
type LikeTrace = TraceSummary & { readonly why?: string };

/** Traces with the same root, and a field for the id of any other. */
export function Candidates({ model, onChoose }: { model: TraceModel; onChoose: (traceId: string) => void }) {
  const path = `/api/traces/${model.traceId}/like`;
  const load = useJson<{ traces: readonly LikeTrace[] }>(path);
  const [typed, setTyped] = useState('');
  const plain = typed.trim().toLowerCase();
  // A trace id of 64 bits looks like a span id. It counts as a trace id only where it stands alone.
  const id = /^[0-9a-f]{16}$/.test(plain) ? plain : readTraceReference(typed)?.traceId;
  return (
    <>
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          if (id !== undefined) onChoose(id);
        }}
      >
        <input
          class="grow"
          ref={focus}
          aria-label="Id of the trace to compare with"
          placeholder="A trace id, link or header, or one of these:"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="ghost" disabled={id === undefined}>
          Compare
        </button>
      </form>
      <Loaded load={load} what="Looking for traces like it">
        {({ traces }) => (
          <ul class="like-list">
            {traces.map((trace) => (
              <li key={trace.trace_id}>
                <button
                  type="button"
                  class="bare choice-row compare-choice parts whole"
                  style={COLUMNS}
                  onClick={() => onChoose(trace.trace_id)}
                >
                  <strong>{formatDuration(trace.duration_ms)}</strong>
                  <span>{signedDuration(trace.duration_ms - model.duration / 1e6)}</span>
                  <span>{counted(trace.spans, 'span')}</span>
                  <span>
                    {trace.errors > 0 && <span class="error-text">{formatCount(trace.errors)} failed</span>}
                  </span>
                  <span>{formatTime(Date.parse(trace.start))}</span>
                  <code>{trace.trace_id.slice(0, 8)}</code>
                  <em>{trace.why ?? ''}</em>
                </button>
              </li>
            ))}
            {traces.length === 0 && (
              <li class="muted">There is no other trace with “{model.name(0)}” yet.</li>
            )}
          </ul>
        )}
      </Loaded>
    </>
  );
}

/** The menu is open before this was loaded. */
function focus(input: HTMLInputElement | null): void {
  input?.focus();
}
