// biome-ignore-all lint/a11y/useFocusableInteractive: the list has the focus, aria-activedescendant says which line
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the list takes the keys

import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { ServiceName } from '../../../components/service-name.tsx';
import { useVirtualRows } from '../../../components/virtual-rows.ts';
import { formatDuration } from '../../../format.ts';
import { LevelSign } from '../../../logs/level-sign.tsx';
import { levelWord, lineText } from '../../../logs/levels.ts';
import { lineHeightNow } from '../../../logs/line-height.ts';
import type { TraceLog } from './trace-logs.ts';

export interface LogListProps {
  readonly lines: readonly TraceLog[];
  /** Id of the chosen line. */
  readonly chosen?: string | undefined;
  /** Place of the selected span: its lines stand out, and are scrolled to. -1 for none. */
  readonly span: number;
  readonly onChoose: (line: TraceLog) => void;
  /** Enter, or a second click. */
  readonly onOpen?: (line: TraceLog) => void;
  readonly class?: string;
}

/** Log lines one below the other, by arrow keys too; of many only those in sight are in the document. */
export function LogList({ lines, chosen, span, onChoose, onOpen, class: name = '' }: LogListProps) {
  const id = useId();
  const rows = useRef<HTMLDivElement>(null);
  const { items, total, scrollTo } = useVirtualRows(rows, lines.length, lineHeightNow());
  const at = chosen === undefined ? -1 : lines.findIndex(({ entry }) => entry.id === chosen);
  // Of a span with several lines the first, unless one of them is chosen.
  const wanted = at >= 0 ? at : span < 0 ? -1 : lines.findIndex(({ place }) => place === span);
  useLayoutEffect(() => {
    if (wanted >= 0) scrollTo(wanted);
  }, [chosen, span, wanted >= 0]);
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, items.length - 16);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 };
    const step = steps[event.key as keyof typeof steps];
    if (event.key === 'Enter' && at >= 0) onOpen?.(lines[at] as TraceLog);
    else if (step !== undefined) {
      const line = lines[Math.min(lines.length - 1, Math.max(0, at + step))];
      if (line !== undefined) onChoose(line);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class={`log-list ${name}`}
      role="listbox"
      aria-label="Log lines"
      tabIndex={0}
      aria-activedescendant={items.some(({ index }) => index === at) ? `${id}-${chosen}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" ref={rows} style={{ height: `${total}px` }}>
        {items.map(({ index, start }) => {
          const line = lines[index];
          if (line === undefined) return null;
          const { entry, kind, offset, place } = line;
          const text = lineText(entry);
          return (
            <div
              key={entry.id}
              id={`${id}-${entry.id}`}
              role="option"
              class={place >= 0 && place === span ? 'log-line of-span' : 'log-line'}
              aria-selected={index === at}
              aria-setsize={lines.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => onChoose(line)}
              onDblClick={() => onOpen?.(line)}
            >
              <span class="log-time">
                {offset < 0 ? '−' : '+'}
                {formatDuration(Math.abs(offset) / 1e6)}
              </span>
              <LevelSign kind={kind} />
              <span class={`level-word ${kind}`}>{levelWord(entry.severity)}</span>
              <ServiceName name={entry.service} />
              <span class="log-text" title={text.slice(0, 1000)}>
                {text}
              </span>
              {place < 0 && (
                <span class="log-late">
                  {entry.span_id === undefined ? 'of the trace' : '⚠ its span has not arrived'}
                </span>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
