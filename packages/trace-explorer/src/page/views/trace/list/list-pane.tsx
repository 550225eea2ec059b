import { useLayoutEffect, useRef } from 'preact/hooks';
import { hrefOf } from '../../../../places/place.ts';
import { visibleName } from '../../../../shared/harmless-text.ts';
import type { TraceSummary } from '../../../../traces/list/summaries.ts';
import { formatDuration, formatTime, formatUtc } from '../../../format.ts';
import { Splitter } from '../layout/splitter.tsx';
import { useStored } from '../layout/use-stored.ts';
import type { OriginList } from './use-origin-list.ts';

export interface ListPaneProps {
  readonly list: OriginList | undefined;
  /** The params for the URL of another trace of the list. */
  readonly params: Readonly<Record<string, string>>;
}

/** Limits in pixels. */
const WIDTH = [180, 480] as const;

/** The list from which the trace was opened, beside the trace when the window has room for both. */
export function ListPane({ list, params }: ListPaneProps) {
  const [width = 232, setWidth] = useStored('list-width');
  const rows = useRef<HTMLUListElement>(null);
  const traces = list?.traces ?? [];
  const at = list?.at ?? -1;
  useLayoutEffect(() => {
    rows.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    <nav class="trace-list" aria-label="The list of traces" style={{ width: `${width}px` }}>
      <div class="trace-list-rows">
        <ul ref={rows}>
          {traces.map((trace, index) => (
            <li key={trace.trace_id}>
              <a
                title={titleOf(trace)}
                href={hrefOf({ view: 'trace', id: trace.trace_id, params })}
                aria-current={index === at ? 'true' : undefined}
              >
                <span class="trace-list-name">{visibleName(trace.root.name)}</span>
                <span class="trace-list-facts">
                  {trace.errors > 0 && (
                    <span class="error-mark" role="img" aria-label="with an error">
                      ✗
                    </span>
                  )}
                  <strong>{formatDuration(trace.duration_ms)}</strong>
                  <span class="trace-list-service">{trace.root.service}</span>
                  <span>{formatTime(Date.parse(trace.start), Date.parse(trace.start)).slice(0, -4)}</span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      </div>
      <Splitter label="Width of the list" size={width} limits={WIDTH} side="left" onSize={setWidth} />
    </nav>
  );
}

/** The whole names and the date, which do not fit the two lines. */
function titleOf({ root, start }: TraceSummary): string {
  const at = Date.parse(start);
  return `${visibleName(root.name)}\n${root.service}\n${formatTime(at)} (${formatUtc(at)})`;
}
