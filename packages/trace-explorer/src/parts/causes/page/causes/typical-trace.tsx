import { useState } from 'preact/hooks';
import { tracePlace } from '../../../../core/places/place.ts';
import { visibleName } from '../../../../lib/text/harmless-text.ts';
import { useKeys } from '../../../../page/browser/use-keys.ts';
import { Card } from '../../../../page/components/cards/card.tsx';
import { Icon } from '../../../../page/components/icon.tsx';
import { IconButton } from '../../../../page/components/inputs/icon-button.tsx';
import { Link } from '../../../../page/components/link.tsx';
import { Meter } from '../../../../page/components/meter.tsx';
import { useServiceColor } from '../../../../page/components/services/service-colors.ts';
import { ServiceMark } from '../../../../page/components/services/service-name.tsx';
import { Time } from '../../../../page/components/times/time.tsx';
import { formatDuration } from '../../../../page/values/format.ts';
import type { CauseDetail, TypicalTrace } from '../../server/schemas.ts';

const COLUMNS = { '--columns': 'minmax(min(160px, 45%), 2fr) minmax(0, 3fr) 72px' };
/** From edge to edge, so that the row of the blame is, too. */
const ROW = { height: 'var(--span)', padding: '0 var(--s4)' };

/** A trace of the cause in five rows of its waterfall, the most typical one first. `J` and `K` lead to the others. One span tells nothing. */
export function TypicalTraces({ typical: all }: Pick<CauseDetail, 'typical'>) {
  const typical = all.filter(({ rows }) => rows.length > 1);
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, typical.length - 1);
  const step = (by: number) => setChosen(Math.max(0, Math.min(typical.length - 1, at + by)));
  useKeys({ J: () => step(1), K: () => step(-1) });
  const trace = typical[at];
  if (trace === undefined) return null;
  return (
    <Card
      title={at === 0 ? 'A typical trace' : 'Another trace'}
      about={
        <span class="wide-only">
          <Time at={Date.parse(trace.start)} /> · {formatDuration(trace.duration_ms)}
        </span>
      }
      tools={
        <>
          <span class="faint" role="status">
            {at + 1} of {typical.length}
          </span>
          {([-1, 1] as const).map((by) => (
            <IconButton
              key={by}
              icon={by < 0 ? 'chevron-left' : 'chevron-right'}
              label={by < 0 ? 'Trace before' : 'Next trace'}
              aria-keyshortcuts={by < 0 ? 'Shift+K' : 'Shift+J'}
              title={by < 0 ? 'K' : 'J'}
              aria-disabled={typical[at + by] === undefined}
              onPress={() => step(by)}
            />
          ))}
        </>
      }
    >
      <ol class="typical-rows" style={COLUMNS}>
        {trace.rows.map((row) => (
          <Row key={row.span_id} row={row} trace={trace} />
        ))}
      </ol>
    </Card>
  );
}

function Row({ row, trace }: { row: TypicalTrace['rows'][number]; trace: TypicalTrace }) {
  const colorOf = useServiceColor();
  const indent = Math.min(row.depth, 8);
  const share = (ms: number) => Math.max(0, ms) / (trace.duration_ms || 1);
  return (
    <li class="parts" style={ROW} aria-current={row.blamed}>
      <Link
        class="service-name quiet"
        to={tracePlace(trace.trace_id, row.span_id)}
        title={`${row.service}: ${row.name}`}
        style={{ paddingLeft: `min(${12 * indent}px, ${4 * indent}%)` }}
      >
        <ServiceMark name={row.service} />
        <bdi class="ellipsis">{visibleName(row.name)}</bdi>
        {row.error && (
          <span class="error-mark firm">
            <Icon name="error" />
            <span class="visually-hidden">failed</span>
          </span>
        )}
      </Link>
      <Meter from={share(row.start_ms)} share={share(row.duration_ms)} color={colorOf(row.service)} />
      <span class={row.error ? 'numeric error-text' : 'numeric'}>{formatDuration(row.duration_ms)}</span>
    </li>
  );
}
