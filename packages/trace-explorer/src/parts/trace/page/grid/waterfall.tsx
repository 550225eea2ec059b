// biome-ignore-all lint/a11y/useSemanticElements: rows are placed one by one out of 100,000, which a table's elements cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: the tree grid has the focus, aria-activedescendant says which row

import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { useWidth } from '../../../../page/browser/use-width.ts';
import { Icon } from '../../../../page/components/icon.tsx';
import {
  ROW_HEIGHT,
  TEXT_SCALE,
  useVirtualRows,
} from '../../../../page/components/long-lists/virtual-rows.ts';
import { formatDuration } from '../../../../page/values/format.ts';
import { useIsNarrow } from '../layout/use-is-narrow.ts';
import { rowOf } from '../state/folding.ts';
import type { LineRange } from '../state/geometry.ts';
import { formatMark, timeMarks } from '../state/geometry.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { moveOf } from './keyboard.ts';
import { MAX_INDENTS, SpanRow } from './span-row.tsx';

export interface WaterfallProps {
  readonly shown: ShownTrace;
  /** Called for Enter, and for a second click. */
  readonly onOpen: (index: number) => void;
  /** Width of the column of names in pixels, and the splitter at its edge. Absent: a share of the width. */
  readonly names?: { readonly width: number; readonly splitter: ComponentChildren };
}

/** Pixels of names and time beside columns of fields, and of each column, that leave room for bars. */
const LEAST = 440;
const LEAST_PER_COLUMN = 160;

const HEADER_HEIGHT = 24 * TEXT_SCALE;
/** Height of a span in a narrow window, where its bar stands below its name, pixels: `--span` of waterfall.css. */
const TWO_LINES = 46 * TEXT_SCALE;

/** The spans of a trace as a tree with bars on a time line. Of a long trace, only the rows in sight are drawn. */
export function Waterfall({ shown, onOpen, names }: WaterfallProps) {
  const { model, rows, folding, range, selected, columns } = shown;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow();
  const height = isNarrow ? TWO_LINES : ROW_HEIGHT;
  const ticks = useRef<HTMLDivElement>(null);
  const line = useWidth(ticks);
  // Where a bar's label stands depends on the width, so rows are drawn once that is known.
  const isMeasured = line > 0;
  const { items, total, scrollTo } = useVirtualRows(body, isMeasured ? rows.length : 0, height);
  const selectedRow = selected < 0 ? -1 : rowOf(rows, selected);
  useLayoutEffect(() => {
    if (isMeasured && selectedRow >= 0) scrollTo(selectedRow);
  }, [isMeasured, selectedRow]);
  // In a larger text size, fewer labels have room.
  const { marks, step } = timeMarks(range, line / TEXT_SCALE);
  const width = isNarrow ? 340 : names?.width;
  const indent = useMemo(() => indentOf(model, width), [model, width]);
  const move = (event: KeyboardEvent) => {
    const page = Math.floor(((scroller.current?.clientHeight ?? 0) - HEADER_HEIGHT) / height);
    const found = moveOf(event, { model, rows, folding, row: selectedRow, page });
    if (found === undefined) return;
    event.preventDefault();
    if (found.toggle !== undefined) shown.toggle(found.toggle);
    else if (found.closeRun !== undefined) shown.closeRun(found.closeRun);
    else if (found.select !== undefined) shown.select(found.select);
    else if (found.open !== undefined) onOpen(found.open);
  };
  const inSight = items.includes(selectedRow);
  return (
    <div
      class="waterfall"
      role="treegrid"
      aria-label="Spans"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 2}
      aria-activedescendant={inSight ? `${id}-${rows[selectedRow]}` : undefined}
      tabIndex={0}
      ref={scroller}
      onKeyDown={move}
      style={{
        ...(columns.length > 0 && {
          '--extra': `repeat(${columns.length}, minmax(72px, 120px))`,
          '--least': `${LEAST + columns.length * LEAST_PER_COLUMN}px`,
        }),
        ...(isMeasured && gridLines(range, line, marks[0]?.at ?? range[0], step)),
      }}
    >
      <div class="waterfall-head label" role="row" aria-rowindex={1}>
        <div role="columnheader" class="strip">
          <span class={names && 'visually-hidden'}>Span</span>
          {names?.splitter}
        </div>
        {columns.map(({ name }) => (
          <div role="columnheader" class="strip tight" key={name} title={name}>
            <span class="ellipsis">{name}</span>
            <button
              type="button"
              class="plain"
              tabIndex={-1}
              aria-label={`Hide the column ${name}`}
              onClick={() => shown.toggleColumn(name)}
            >
              <Icon name="x" />
            </button>
          </div>
        ))}
        <div role="columnheader" class="waterfall-ticks" ref={ticks}>
          <span class="visually-hidden">Time</span>
          {marks.map(({ at, left }) => (
            <span key={at} class="tick" style={{ left: `${left}%` }}>
              {formatMark(at, range[1])}
            </span>
          ))}
          <span class="tick-end" style={{ right: 0 }}>
            {range[1] > 1 && formatDuration(range[1] / 1e6)}
          </span>
        </div>
      </div>
      <div class="waterfall-rows" role="rowgroup" ref={body} style={{ '--height': `${total}px` }}>
        {items.map((row) => {
          const index = rows[row];
          if (index === undefined) return null;
          return (
            <SpanRow
              key={index}
              id={`${id}-${index}`}
              shown={shown}
              index={index}
              top={row * height}
              row={row}
              selected={row === selectedRow}
              line={line}
              indent={indent}
              onOpen={onOpen}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Pixels of indentation per level. In a deep trace the indentation is smaller, so that names keep most of their column. */
function indentOf({ depth }: TraceModel, names = 300): number {
  const deepest = Math.min(
    MAX_INDENTS,
    depth.reduce((most, level) => Math.max(most, level), 1),
  );
  return Math.max(3, Math.min(16, Math.floor((names * 0.4) / deepest)));
}

/** Lines through all rows at the marks, as a repeating background; pixels. */
function gridLines([from, to]: LineRange, line: number, first: number, step: number) {
  const pixels = line / (to - from || 1);
  return { '--tick-step': `${step * pixels}px`, '--tick-first': `${(first - from) * pixels}px` };
}
