import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { linkedWords, waitWords } from '../../../../core/traces/model/waits.ts';
import { visibleName } from '../../../../lib/text/harmless-text.ts';
import { counted, formatCount, formatDuration } from '../../../../page/values/format.ts';
import { errorText } from '../state/error-order.ts';
import type { ClosedRun } from '../state/runs.ts';

/** The words of a row for a screen reader: the span's name first, then its service, duration and marks. */
export function rowText(model: TraceModel, index: number, lines: number, run: ClosedRun | undefined): string {
  const wait = model.wait(index);
  const parts = [
    `${visibleName(model.name(index))}${run === undefined ? '' : `, ${formatCount(run.indexes.length)} times`}`,
    model.service(index),
    formatDuration((run?.together ?? model.length[index] ?? 0) / 1e6),
    model.error[index] === 1 ? `error: ${errorText(model, index)}` : '',
    ...model.marks(index).map(wordsOf),
    wait === undefined ? '' : waitWords(wait),
    linkedWords(model.linkedTo(index)),
    lines === 0 ? '' : counted(lines, 'log line'),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A mark's code in words. */
export function wordsOf(mark: string): string {
  return mark.replaceAll('_', ' ');
}
