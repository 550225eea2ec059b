import type { Place } from '../../../core/places/place.ts';
import { visibleName } from '../../../core/shared/harmless-text.ts';
import type { TraceSummary } from '../../../core/traces/list/summaries.ts';
import { Link } from '../link.tsx';
import { ServiceLink } from './service-name.tsx';

/**
 * Service and name of the trace's root: the service leads to its page, the name to the trace. When the root has not arrived,
 * says so and names another span.
 */
export function RootName({
  trace: { root, sample_rate },
  to,
}: {
  trace: Pick<TraceSummary, 'root' | 'sample_rate'>;
  to: Place;
}) {
  return (
    <span class="root-name strip">
      <span class="muted root-service">
        <ServiceLink name={root.service} />
      </span>{' '}
      <Link class="row-link trace-link quiet strip" to={to} isRow>
        <bdi class="ellipsis" title={root.name}>
          {visibleName(root.name)}
        </bdi>
        {sample_rate !== undefined && (
          <span class="muted" title={`Stands for ${sample_rate} traces`}>
            {' '}
            ×{sample_rate}
          </span>
        )}
        {root.provisional && <span class="muted"> (root not here yet)</span>}
      </Link>
    </span>
  );
}
