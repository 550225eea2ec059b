// biome-ignore-all lint/a11y/useSemanticElements: rows are placed one by one out of a million, which a table's elements cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, aria-activedescendant says which row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid takes the keys

import type { RefObject } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LogEntry } from '../../../logs/read-logs.ts';
import { ServiceName } from '../../components/service-name.tsx';
import { ROW_HEIGHT, useVirtualRows } from '../../components/virtual-rows.ts';
import { formatTime, formatUtc } from '../../format.ts';
import { LevelSign } from '../../logs/level-sign.tsx';
import { kindOf, levelWord, lineText } from '../../logs/levels.ts';
import { lineHeightNow } from '../../logs/line-height.ts';
import { LogDetail } from '../../logs/log-detail.tsx';
import { isReturning } from '../../shell/router.ts';
import type { LogLines } from './log-pages.ts';

export interface LogRowsProps {
  readonly shown: LogLines;
  /** Asked for more lines when the last ones come into sight. */
  readonly onMore?: () => void;
  /** Id of the line that is unfolded. */
  readonly open: string | undefined;
  readonly onOpen: (id: string | undefined) => void;
  readonly onField: (name: string, value: string) => void;
  /** Scrolls with what comes, at the end. */
  readonly sticks?: boolean;
  /** Told whether the end is in sight. */
  readonly onEnd?: (inSight: boolean) => void;
  readonly grid: RefObject<HTMLDivElement | null>;
}

/** Pixels that an unfolded line takes below its own; what is longer scrolls in them. */
const DETAIL_HEIGHT = 12 * ROW_HEIGHT;

/** Lines before the last one that is known at which more are read. */
const AHEAD = 1000;

/** Lines of one height; of many only those in sight are in the document. */
export function LogRows({ shown, open, onOpen, onField, sticks = false, onEnd, onMore, grid }: LogRowsProps) {
  const { lines, hasMore } = shown;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const openAt = open === undefined ? -1 : lines.findIndex((entry) => entry.id === open);
  const lineHeight = lineHeightNow();
  const detailRows = DETAIL_HEIGHT / lineHeight;
  const extra = openAt >= 0 ? detailRows : 0;
  const rows = lines.length + extra + (hasMore ? 1 : 0);
  const { items, total, scrollTo } = useVirtualRows(list, rows, lineHeight);
  /** The line of a row; rows of the unfolded line's details have none. */
  const lineAt = (row: number) => (extra === 0 || row <= openAt ? row : row - extra);
  const rowAt = (line: number) => (extra === 0 || line <= openAt ? line : line + extra);
  const isNearEnd = lineAt(items.at(-1)?.index ?? 0) + AHEAD >= lines.length;
  useEffect(() => {
    if (isNearEnd && hasMore) onMore?.();
  }, [isNearEnd, lines.length]);
  useLayoutEffect(() => {
    if (sticks) toEnd();
  }, [sticks, rows]);
  useEffect(() => {
    if (onEnd === undefined) return;
    const look = () => onEnd(isAtEnd(lineHeight));
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, [onEnd, lineHeight]);
  // A line that a link names is shown once it is there.
  const seen = useRef<string>(undefined);
  useLayoutEffect(() => {
    if (openAt < 0 || seen.current === open) return;
    if (seen.current === undefined && active < 0) setActive(openAt);
    seen.current = open;
    if (!isReturning()) scrollTo(rowAt(openAt), detailRows + 1);
  }, [open, openAt >= 0]);
  const toggle = (entry: LogEntry | undefined, line: number) => {
    if (entry === undefined) return;
    setActive(line);
    onOpen(entry.id === open ? undefined : entry.id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // From within what is unfolded as well, where nothing else takes the key.
    if (event.key === 'Escape' && open !== undefined && !event.defaultPrevented) {
      event.preventDefault();
      onOpen(undefined);
      return grid.current?.focus({ preventScroll: true });
    }
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor(innerHeight / lineHeight) - 4);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 };
    const step = steps[event.key as keyof typeof steps];
    const entry = lines[active];
    if (step !== undefined) {
      const next = Math.min(lines.length - 1, Math.max(0, active + step));
      setActive(next);
      scrollTo(rowAt(next));
    } else if (event.key === 'Enter' || event.key === ' ') toggle(entry, active);
    else if (event.key === 'ArrowRight' && entry !== undefined && entry.id !== open) toggle(entry, active);
    else if (event.key === 'ArrowLeft' && open !== undefined) onOpen(undefined);
    else return;
    event.preventDefault();
  };
  const detailInSight = openAt >= 0 && items.some(({ index }) => index >= openAt && index <= openAt + extra);
  return (
    <div
      class="log-list log-rows"
      role="treegrid"
      aria-label="Log lines"
      aria-rowcount={hasMore ? -1 : lines.length}
      aria-activedescendant={
        items.some(({ index }) => index === rowAt(active)) && active >= 0 ? `${id}-${active}` : undefined
      }
      tabIndex={0}
      ref={grid}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" ref={list} style={{ height: `${total}px` }}>
        {items.map(({ index, start }) => {
          if (extra > 0 && index > openAt && index <= openAt + extra) return null;
          const line = lineAt(index);
          const entry = lines[line];
          if (entry === undefined) {
            return (
              <div
                key={`wait ${index}`}
                role="row"
                class="log-line"
                style={{ transform: `translateY(${start}px)` }}
              >
                <span role="gridcell" class="muted">
                  …
                </span>
              </div>
            );
          }
          return (
            <LogRow
              key={entry.id}
              id={`${id}-${line}`}
              entry={entry}
              line={line}
              start={start}
              isOpen={line === openAt}
              isActive={line === active}
              onToggle={() => toggle(entry, line)}
            />
          );
        })}
        {detailInSight && open !== undefined && (
          <div
            role="row"
            class="log-open"
            style={{
              transform: `translateY(${(openAt + 1) * lineHeight}px)`,
              height: `${DETAIL_HEIGHT}px`,
            }}
          >
            <div role="gridcell" tabIndex={0}>
              <LogDetail key={open} id={open} entry={lines[openAt]} onField={onField} toTrace />
            </div>
          </div>
        )}
      </div>
    </div>
  );
}

/** Scrolls to the end of the page, where a tail grows. */
export function toEnd(): void {
  scrollTo({ top: document.documentElement.scrollHeight });
}

function isAtEnd(lineHeight: number): boolean {
  return scrollY + innerHeight >= document.documentElement.scrollHeight - lineHeight;
}

interface LogRowProps {
  readonly id: string;
  readonly entry: LogEntry;
  readonly line: number;
  /** Pixels from the top. */
  readonly start: number;
  readonly isOpen: boolean;
  readonly isActive: boolean;
  readonly onToggle: () => void;
}

function LogRow({ id, entry, line, start, isOpen, isActive, onToggle }: LogRowProps) {
  const kind = kindOf(entry);
  const at = Number(BigInt(entry.time_ns) / 1_000_000n);
  return (
    <div
      id={id}
      role="row"
      class="log-line"
      aria-rowindex={line + 1}
      aria-level={1}
      aria-expanded={isOpen}
      aria-selected={isActive}
      style={{ transform: `translateY(${start}px)` }}
      onClick={onToggle}
    >
      <span role="gridcell" class="log-time" title={formatUtc(at)}>
        {formatTime(at)}
      </span>
      <LevelSign kind={kind} />
      <span role="gridcell" class={`level-word ${kind}`}>
        {levelWord(entry.severity)}
      </span>
      <span role="gridcell" class="log-service">
        <ServiceName name={entry.service} />
      </span>
      <span role="gridcell" class="log-text">
        {lineText(entry)}
        <span class="log-fields">{fieldsText(entry)}</span>
      </span>
      {entry.trace_id !== undefined && (
        <span role="gridcell" class="log-trace muted" title={`Trace ${entry.trace_id}`}>
          {entry.trace_id.slice(0, 8)}
        </span>
      )}
    </div>
  );
}

/** As many as a wide screen has room for. */
const MAX_FIELDS_TEXT = 300;

function fieldsText({ attributes }: LogEntry): string {
  let text = '';
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('exception.')) continue;
    text += ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
    if (text.length > MAX_FIELDS_TEXT) break;
  }
  return text.slice(0, MAX_FIELDS_TEXT);
}
