// biome-ignore-all lint/a11y/useSemanticElements: rows are placed one by one out of a million, which a table's elements cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, aria-activedescendant says which row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid takes the keys

import type { ComponentChildren } from 'preact';
import { Fragment } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { LogEntry } from '../../core/logs/schemas.ts';
import { lineText } from '../../core/traces/model/log-exception.ts';
import { levelWord } from '../../lib/text/log-levels.ts';
import { plainText } from '../../lib/text/plain-text.ts';
import { isReturning } from '../browser/router.ts';
import { rowStep } from '../components/long-lists/row-step.ts';
import { ROW_HEIGHT, useVirtualRows } from '../components/long-lists/virtual-rows.ts';
import { ServiceLink } from '../components/services/service-name.tsx';
import { lazy } from '../components/states/lazy.tsx';
import { LevelSign } from './level-sign.tsx';
import { kindOf } from './levels.ts';

const LogDetail = lazy(() => import('./log-detail.tsx'));

/** Parts of a displayed line besides its level, service and text. */
export interface LineParts {
  readonly time: string;
  readonly timeTitle?: string;
  readonly note?: ComponentChildren;
  readonly isOfSpan?: boolean;
  readonly unfolds: boolean;
}

export interface LogListProps {
  readonly lines: readonly LogEntry[];
  /** Whether there are unread lines. The list requests more lines near its end. */
  readonly hasMore?: boolean;
  readonly onMore?: () => void;
  readonly partsOf: (entry: LogEntry, index: number) => LineParts;
  /** Ids of three lines: the one at the arrow keys, the unfolded one, and the one to scroll to. */
  readonly chosen: string | undefined;
  readonly open: string | undefined;
  readonly inSight: string | undefined;
  /** Called when an arrow key reaches a line. */
  readonly onMove: (entry: LogEntry, index: number) => void;
  /** Called for a click on a line, and for Enter or Space. */
  readonly onPress: (entry: LogEntry, index: number, byKey: boolean) => void;
  readonly class?: string;
}

/** Pixels of an unfolded line below the line itself. Longer fields scroll within them. */
const DETAIL_HEIGHT = 12 * ROW_HEIGHT;

/** Lines before the last read line at which more lines are read. */
const AHEAD = 1000;

/** Log lines in a list. Each line can unfold. Of many lines, only the lines in sight are in the document. */
export function LogList(props: LogListProps) {
  const { lines, hasMore = false, onMore, partsOf, chosen, open, inSight, onMove, onPress } = props;
  const id = useId();
  const grid = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const placeOf = (wanted: string | undefined) =>
    wanted === undefined ? -1 : lines.findIndex((entry) => entry.id === wanted);
  const [active, openAt, wantedAt] = [placeOf(chosen), placeOf(open), placeOf(inSight)];
  // In a narrow window a line has two rows, one of them for the text (logs.css).
  const lineHeight = matchMedia('(max-width: 760px)').matches ? 2 * ROW_HEIGHT : ROW_HEIGHT;
  const detailRows = DETAIL_HEIGHT / lineHeight;
  const extra = openAt >= 0 ? detailRows : 0;
  const count = lines.length + extra + (hasMore ? 1 : 0);
  const { items, total, scrollTo } = useVirtualRows(list, count, lineHeight);
  /** The line of a row. The rows of an unfolded line's fields have no line. */
  const lineAt = (row: number) => (extra === 0 || row <= openAt ? row : row - extra);
  const rowAt = (line: number) => (extra === 0 || line <= openAt ? line : line + extra);
  const isNearEnd = lineAt(items.at(-1) ?? 0) + AHEAD >= lines.length;
  useEffect(() => {
    if (isNearEnd && hasMore) onMore?.();
  }, [isNearEnd, lines.length]);
  useLayoutEffect(() => {
    if (wantedAt >= 0 && !isReturning()) scrollTo(rowAt(wantedAt), wantedAt === openAt ? detailRows + 1 : 1);
  }, [inSight, wantedAt >= 0]);
  const fold = () => {
    const entry = lines[openAt];
    if (entry !== undefined) onPress(entry, openAt, true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Escape also folds from within the fields, unless another element handles the key.
    if (event.key === 'Escape' && openAt >= 0 && !event.defaultPrevented) {
      event.preventDefault();
      fold();
      return grid.current?.focus({ preventScroll: true });
    }
    if (event.target !== event.currentTarget) return;
    const height = Math.min(innerHeight, grid.current?.clientHeight ?? 0);
    const page = Math.max(1, Math.floor(height / lineHeight) - 4);
    const step = rowStep(event.key, page);
    const entry = lines[active];
    if (step !== undefined) {
      const next = Math.min(lines.length - 1, Math.max(0, active + step));
      const line = lines[next];
      if (line !== undefined) onMove(line, next);
      scrollTo(rowAt(next));
    } else if (event.key === 'ArrowLeft') fold();
    else if (entry === undefined) return;
    else if (event.key === 'Enter' || event.key === ' ') onPress(entry, active, true);
    else if (event.key === 'ArrowRight') {
      if (partsOf(entry, active).unfolds && active !== openAt) onPress(entry, active, true);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const isDrawn = active >= 0 && items.includes(rowAt(active));
  return (
    <div
      class={`log-list ${props.class ?? ''}`}
      role="treegrid"
      aria-label="Log lines"
      aria-rowcount={hasMore ? -1 : lines.length}
      aria-activedescendant={isDrawn ? `${id}-${chosen}` : undefined}
      tabIndex={0}
      ref={grid}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" ref={list} style={{ '--height': `${total}px` }}>
        {items.map((index) => {
          if (extra > 0 && index > openAt && index <= openAt + extra) return null;
          const line = lineAt(index);
          const entry = lines[line];
          const start = index * lineHeight;
          if (entry === undefined)
            return (
              <div key={index} role="row" class="log-line placed-row" style={{ '--top': `${start}px` }}>
                <span role="gridcell" class="muted">
                  …
                </span>
              </div>
            );
          const parts = partsOf(entry, line);
          const kind = kindOf(entry);
          const text = lineText(entry);
          return (
            <Fragment key={entry.id}>
              <div
                id={`${id}-${entry.id}`}
                role="row"
                class={`log-line placed-row ${kind}${parts.isOfSpan ? ' of-span' : ''}`}
                aria-rowindex={line + 1}
                aria-level={1}
                aria-expanded={parts.unfolds ? line === openAt : undefined}
                aria-selected={line === active}
                style={{ '--top': `${start}px` }}
                onClick={() => onPress(entry, line, false)}
              >
                <span role="gridcell" class="log-time mono faint" title={parts.timeTitle}>
                  {parts.time}
                </span>
                <span role="gridcell" class={`level-word label ${kind}`}>
                  <LevelSign kind={kind} /> {levelWord(entry.severity)}
                </span>
                <span role="gridcell" class="log-service meta">
                  <ServiceLink name={entry.service} inGrid />
                </span>
                <span role="gridcell" class="log-text mono ellipsis" title={text.slice(0, 1000)}>
                  {text}
                  <span class="muted">{fieldsText(entry)}</span>
                </span>
                {parts.note !== undefined && (
                  <span role="gridcell" class="numeric">
                    {parts.note}
                  </span>
                )}
              </div>
              {line === openAt && (
                <div
                  role="row"
                  class="log-open placed-row"
                  style={{ '--top': `${start + lineHeight}px`, '--height': `${DETAIL_HEIGHT}px` }}
                >
                  <div role="gridcell" tabIndex={0}>
                    <LogDetail id={entry.id} entry={entry} />
                  </div>
                </div>
              )}
            </Fragment>
          );
        })}
      </div>
    </div>
  );
}

/** Characters of fields after a line's text: as many as a wide screen has room for. */
const MAX_FIELDS_TEXT = 300;

function fieldsText({ attributes }: LogEntry): string {
  let text = '';
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('exception.')) continue;
    text += ` ${name}=${plainText(value)}`;
    if (text.length > MAX_FIELDS_TEXT) break;
  }
  return text.slice(0, MAX_FIELDS_TEXT);
}
