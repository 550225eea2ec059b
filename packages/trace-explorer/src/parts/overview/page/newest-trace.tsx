import { tracePlace } from '../../../core/places/place.ts';
import type { TraceSummary } from '../../../core/traces/list/summaries.ts';
import { visibleName } from '../../../lib/text/harmless-text.ts';
import { Link } from '../../../page/components/link.tsx';
import { Time } from '../../../page/components/times/time.tsx';
import { formatDuration } from '../../../page/values/format.ts';

/** The newest trace in a line, for somebody who has just sent the first request: its name opens it. */
export function NewestTrace({ of: { trace_id, root, start, duration_ms } }: { readonly of: TraceSummary }) {
  return (
    <p class="newest-trace line inset">
      <span class="muted">The newest trace</span>
      <Link class="strong" to={tracePlace(trace_id)}>
        <bdi>{visibleName(root.name)}</bdi>
      </Link>
      <span>{formatDuration(duration_ms)}</span>
      <span class="faint">
        <Time at={Date.parse(start)} />
      </span>
    </p>
  );
}
