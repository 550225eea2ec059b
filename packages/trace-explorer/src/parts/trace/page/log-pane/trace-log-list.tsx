import { useMemo } from 'preact/hooks';
import type { LineParts } from '../../../../page/log-lines/log-list.tsx';
import { LogList } from '../../../../page/log-lines/log-list.tsx';
import { signedDuration } from '../../../../page/values/format.ts';
import type { TraceLog } from '../state/trace-logs.ts';

export interface TraceLogListProps {
  readonly lines: readonly TraceLog[];
  /** Id of the chosen line. A chosen line without a span unfolds. */
  readonly chosen: string | undefined;
  /** Index of the selected span; -1 for none. The list highlights its lines, and scrolls to them. */
  readonly span: number;
  readonly onMove: (line: TraceLog) => void;
  readonly onPress: (line: TraceLog, byKey: boolean) => void;
  readonly class?: string;
}

/** Log lines of a trace, ordered by time, with times since the trace's start. */
export function TraceLogList({ lines, chosen, span, onMove, onPress, ...rest }: TraceLogListProps) {
  const entries = useMemo(() => lines.map(({ entry }) => entry), [lines]);
  const line = lines.find(({ entry }) => entry.id === chosen);
  // Scrolls to the chosen line, or else to the span's first line.
  const inSight = line ?? (span < 0 ? undefined : lines.find(({ index }) => index === span));
  return (
    <LogList
      {...rest}
      lines={entries}
      partsOf={(_, row) => partsOf(lines[row], span)}
      chosen={chosen}
      open={line !== undefined && line.index < 0 ? chosen : undefined}
      inSight={inSight?.entry.id}
      onMove={(_, row) => lines[row] && onMove(lines[row])}
      onPress={(_, row, byKey) => lines[row] && onPress(lines[row], byKey)}
    />
  );
}

function partsOf(line: TraceLog | undefined, span: number): LineParts {
  if (line === undefined) return { time: '', unfolds: false };
  const { entry, offset, index } = line;
  return {
    time: signedDuration(offset / 1e6),
    isOfSpan: index >= 0 && index === span,
    unfolds: index < 0,
    ...(index < 0 && {
      note: (
        <span class="warning-text">
          {entry.span_id === undefined ? 'of the trace' : 'its span has not arrived'}
        </span>
      ),
    }),
  };
}
