import { useMemo } from 'preact/hooks';
import { IconButton } from '../../../../page/components/inputs/icon-button.tsx';
import { SearchField } from '../../../../page/components/inputs/search-field.tsx';
import { EmptyState } from '../../../../page/components/states/empty-state.tsx';
import { LevelSelect } from '../../../../page/log-lines/level-select.tsx';
import { formatCount, plural } from '../../../../page/values/format.ts';
import { filterLogs } from '../state/trace-logs.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { TraceLogList } from './trace-log-list.tsx';

export interface LogsPaneProps {
  readonly shown: ShownTrace;
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

/** All log lines of the trace, ordered by time, below its waterfall. */
export function LogsPane({ shown, onOpen, onClose }: LogsPaneProps) {
  const { change, logs } = shown;
  const { logLevel: level, logText: text, line } = shown.state;
  const lines = useMemo(() => filterLogs(logs.lines, level, text), [logs, level, text]);
  const levels = useMemo(() => new Set<string>(logs.lines.map(({ entry }) => entry.severity)), [logs]);
  const all = `${formatCount(logs.lines.length)}${logs.more ? '+' : ''}`;
  return (
    <section class="trace-logs" aria-label="Log lines of the trace">
      <header class="line band inset">
        <h2>Log lines</h2>
        <LevelSelect
          value={level}
          has={(name) => levels.has(name)}
          onChoose={(logLevel) => change({ logLevel })}
        />
        <SearchField label="Text in the lines" value={text} onValue={(logText) => change({ logText })} />
        <span role="status" class="muted">
          {lines.length === logs.lines.length ? all : `${formatCount(lines.length)} of ${all}`}
        </span>
        <IconButton class="at-end" icon="x" label="Close the list of log lines" onPress={onClose} />
      </header>
      {lines.length === 0 ? (
        <EmptyState title={logs.lines.length === 0 ? 'No log lines of this trace' : 'No line fits'}>
          {logs.lines.length === 0 ? (
            <p>Lines that a service writes within a span, and sends as OTLP logs, stand here.</p>
          ) : (
            <button type="button" onClick={() => change({ logLevel: undefined, logText: '' })}>
              Show all {all} {plural(logs.lines.length, 'line')}
            </button>
          )}
        </EmptyState>
      ) : (
        <TraceLogList
          lines={lines}
          chosen={line}
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
