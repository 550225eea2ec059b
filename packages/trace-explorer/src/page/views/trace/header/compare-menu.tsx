import { useState } from 'preact/hooks';
import { readTraceReference } from '../../../../shared/trace-reference.ts';
import type { TraceSummary } from '../../../../traces/list/summaries.ts';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { getJson } from '../../../api.ts';
import { Busy } from '../../../components/busy.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { Popover } from '../../../components/popover.tsx';
import { formatCount, formatDuration, formatTime } from '../../../format.ts';
import { useLoad } from '../../../use-load.ts';

export interface CompareMenuProps {
  readonly model: TraceModel;
  readonly compare: string | undefined;
  readonly onCompare: (traceId: string | undefined) => void;
}

/** Chooses another trace to compare with: the newest of the same root, or any by its id. */
export function CompareMenu({ model, compare, onCompare }: CompareMenuProps) {
  return (
    <>
      <Popover label="Compare …" title="The trace to compare with" class="compare-list">
        {(close) => (
          <Candidates
            model={model}
            onChoose={(traceId) => {
              close();
              onCompare(traceId);
            }}
          />
        )}
      </Popover>
      {compare !== undefined && (
        <button type="button" onClick={() => onCompare(undefined)}>
          Stop comparing with <code>{compare.slice(0, 8)}</code>
        </button>
      )}
    </>
  );
}

function Candidates({ model, onChoose }: { model: TraceModel; onChoose: (traceId: string) => void }) {
  const params = new URLSearchParams({ service: model.service(0), name: model.name(0), limit: '12' });
  const { value, error, busy, reload } = useLoad(
    (signal) => getJson<{ traces: readonly TraceSummary[] }>(`/api/traces?${params}`, signal),
    [params.toString()],
  );
  const [typed, setTyped] = useState('');
  const traces = value?.traces.filter((trace) => trace.trace_id !== model.traceId) ?? [];
  const plain = typed.trim().toLowerCase();
  // One of 64 bits is as long as a span's: only alone it is known for a trace's.
  const id = /^[0-9a-f]{16}$/.test(plain) ? plain : readTraceReference(typed)?.traceId;
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (id !== undefined) onChoose(id);
        }}
      >
        <input
          aria-label="Id of the trace to compare with"
          placeholder="A trace id, link or header, or one of these:"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" disabled={id === undefined}>
          Compare
        </button>
      </form>
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {busy && value === undefined && <Busy what="Looking for traces like it" />}
      {value !== undefined && traces.length === 0 && (
        <p class="muted">There is no other trace with “{model.name(0)}” yet.</p>
      )}
      <ul>
        {traces.map((trace) => {
          const ms = trace.duration_ms - model.duration / 1e6;
          return (
            <li key={trace.trace_id}>
              <button type="button" class="compare-choice" onClick={() => onChoose(trace.trace_id)}>
                <strong>{formatDuration(trace.duration_ms)}</strong>
                <span>
                  {ms >= 0 ? '+' : '−'}
                  {formatDuration(Math.abs(ms))}
                </span>
                <span>{formatCount(trace.spans)} spans</span>
                <span>{trace.errors > 0 ? `✗ ${formatCount(trace.errors)}` : ''}</span>
                <span>{formatTime(Date.parse(trace.start))}</span>
                <code>{trace.trace_id.slice(0, 8)}</code>
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
