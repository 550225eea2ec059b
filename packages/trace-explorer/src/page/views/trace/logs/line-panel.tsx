import type { ComponentChildren } from 'preact';
import { levelWord, lineText } from '../../../logs/levels.ts';
import { LogDetail } from '../../../logs/log-detail.tsx';
import type { TraceLog } from './trace-logs.ts';

/** A log line that is of no span here, in the place of a span's details. */
export function LinePanel({
  line: { entry },
  splitter,
  onClose,
}: {
  line: TraceLog;
  splitter: ComponentChildren;
  onClose: () => void;
}) {
  return (
    <aside class="span-panel" aria-label="Log line">
      {splitter}
      <header>
        <h2 tabIndex={-1} title={lineText(entry)}>
          {levelWord(entry.severity)} {lineText(entry)}
        </h2>
        <button type="button" class="icon" aria-label="Close the line's details" onClick={onClose}>
          ✕
        </button>
      </header>
      <div class="line-panel">
        <p class="muted">
          {entry.span_id === undefined ? (
            'The line is of the trace, but of no span.'
          ) : (
            <>
              Its span <code>{entry.span_id}</code> has not arrived.
            </>
          )}
        </p>
        <LogDetail key={entry.id} id={entry.id} entry={entry} />
      </div>
    </aside>
  );
}
