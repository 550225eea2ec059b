import { useMemo } from 'preact/hooks';
import type { Level } from '../../../../shared/log-levels.ts';
import { LEVELS } from '../../../../shared/log-levels.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { formatCount } from '../../../format.ts';
import { LevelSelect } from '../../../logs/level-select.tsx';
import { FirstLines } from './first-lines.tsx';
import { LogList } from './log-list.tsx';
import type { TraceLog, TraceLogs } from './trace-logs.ts';
import { filterLogs } from './trace-logs.ts';

export interface LogsPaneProps {
  readonly traceId: string;
  readonly logs: TraceLogs;
  readonly level: Level | undefined;
  readonly text: string;
  readonly chosen: string | undefined;
  /** Place of the selected span, -1 for none. */
  readonly span: number;
  readonly onChange: (changes: { logLevel?: Level | undefined; logText?: string }) => void;
  readonly onChoose: (line: TraceLog) => void;
  readonly onOpen: (line: TraceLog) => void;
  readonly onClose: () => void;
}

/** All log lines of the trace in the order of time, below its waterfall. */
export default function LogsPane(props: LogsPaneProps) {
  const { traceId, logs, level, text, onChange } = props;
  const lines = useMemo(
    () => filterLogs(logs.lines, { least: level === undefined ? 0 : LEVELS[level], text }),
    [logs, level, text],
  );
  const all = `${formatCount(logs.lines.length)}${logs.more ? '+' : ''}`;
  return (
    <section class="trace-logs" aria-label="Log lines of the trace">
      <header>
        <h2>Log lines</h2>
        <LevelSelect value={level} onChange={(logLevel) => onChange({ logLevel })} />
        <input
          type="search"
          aria-label="Text in the lines"
          placeholder="Text in the lines"
          value={text}
          onInput={({ currentTarget: { value } }) => onChange({ logText: value })}
        />
        <span role="status" class="muted">
          {lines.length === logs.lines.length ? all : `${formatCount(lines.length)} of ${all}`}
        </span>
        {logs.more && <FirstLines traceId={traceId} count={logs.lines.length} level={level} text={text} />}
        <button
          type="button"
          class="icon close"
          aria-label="Close the list of log lines"
          onClick={props.onClose}
        >
          ✕
        </button>
      </header>
      {lines.length === 0 ? (
        <EmptyState title={logs.lines.length === 0 ? 'No log lines of this trace' : 'No line fits'}>
          {logs.lines.length === 0 ? (
            <p>Lines that a service writes within a span, and sends as OTLP logs, stand here.</p>
          ) : (
            <button type="button" onClick={() => onChange({ logLevel: undefined, logText: '' })}>
              Show all {all} lines
            </button>
          )}
        </EmptyState>
      ) : (
        <LogList
          lines={lines}
          chosen={props.chosen}
          span={props.span}
          onChoose={props.onChoose}
          onOpen={props.onOpen}
        />
      )}
    </section>
  );
}
