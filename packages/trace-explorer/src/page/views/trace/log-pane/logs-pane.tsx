import { logsOfTrace } from '../../../../places/logs-place.ts';
import { hrefOf } from '../../../../places/place.ts';
import { pageSettings } from '../../../browser/settings.ts';
import { EmptyState } from '../../../components/states/empty-state.tsx';
import { formatCount } from '../../../values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { TraceLogList } from './trace-log-list.tsx';

export interface LogsPaneProps {
  readonly shown: ShownTrace;
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

/** All log lines of the trace, ordered by time, below its waterfall. The view of log lines narrows them. */
export function LogsPane({ shown, onOpen, onClose }: LogsPaneProps) {
  const { model, logs } = shown;
  const { lines, more } = logs;
  return (
    <section class="trace-logs" aria-label="Log lines of the trace">
      <header class="line">
        <h2>Log lines</h2>
        <span role="status" class="muted">
          {formatCount(lines.length)}
          {more && '+'}
        </span>
        {pageSettings.saved === undefined && <a href={hrefOf(logsOfTrace(model.traceId))}>Narrow in Logs</a>}
        <button type="button" class="icon close" aria-label="Close the list of log lines" onClick={onClose}>
          ✕
        </button>
      </header>
      {lines.length === 0 ? (
        <EmptyState title="No log lines of this trace">
          <p>Lines that a service writes within a span, and sends as OTLP logs, stand here.</p>
        </EmptyState>
      ) : (
        <TraceLogList
          lines={lines}
          chosen={shown.state.line}
          span={shown.selected}
          onMove={shown.choose}
          onPress={(pressed, byKey) => {
            shown.choose(pressed);
            if (byKey && pressed.index >= 0) onOpen();
          }}
        />
      )}
    </section>
  );
}
