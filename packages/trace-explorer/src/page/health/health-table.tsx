import { formatAgo, formatCount } from '../format.ts';
import { fixOf } from './fixes.ts';
import { describeUnsampled, unsampledShare } from './unsampled.ts';
import type { Health } from './use-health.ts';
import { healthNames } from './use-health.ts';

/** Each service and each destination that it sends to, and what the store dropped. */
export function HealthTable({ health: { status, services } }: { health: Health }) {
  const { dropped } = status;
  const lost = [
    [dropped.bytes, 'evicted: the store was full'],
    [dropped.age, 'evicted: too old'],
    [dropped.rejected, 'rejected: malformed or too large'],
    [dropped.busy, 'sent back: the writer was behind'],
    [dropped.failed, 'lost: the file could not be written'],
  ] as const;
  const rows = healthNames({ status, services }).map((name) => ({
    name,
    seen: status.services.find((each) => each.name === name),
    health: services.find((each) => each.name === name),
  }));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="health-detail" aria-label="Health of the pipeline" tabIndex={0}>
      <table class="data-table">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Last span here</th>
            <th scope="col">Sends to</th>
            <th scope="col" class="numeric">
              Exported
            </th>
            <th scope="col" class="numeric">
              Waiting
            </th>
            <th scope="col" class="numeric">
              Dropped
            </th>
            <th scope="col" class="numeric">
              Rejected
            </th>
            <th scope="col">Last error, and what to do</th>
          </tr>
        </thead>
        <tbody>
          {rows.flatMap(({ name, seen, health }) => {
            const first = (
              <>
                <th scope="row">
                  <bdi>{name}</bdi>
                </th>
                <td>{seen === undefined ? 'none yet' : formatAgo(Date.parse(seen.last_seen))}</td>
              </>
            );
            if (health === undefined || !health.reachable) {
              return [
                <tr key={name}>
                  {first}
                  <td colSpan={6} class="muted">
                    {health === undefined
                      ? 'Not known: only spans are seen of it'
                      : health.stopped
                        ? 'Stopped: nothing listens there any more. Start it, then send a request'
                        : 'Its /metrics do not answer'}
                  </td>
                </tr>,
              ];
            }
            const destinations = health.destinations.map((each) => (
              <tr key={`${name} ${each.name}`}>
                {first}
                <td>{each.name}</td>
                <td class="numeric">{formatCount(each.exported)}</td>
                <td class="numeric">{formatCount(each.waiting)}</td>
                <td class="numeric">{formatCount(each.dropped)}</td>
                <td class="numeric">{formatCount(each.rejected)}</td>
                <td class="health-fix">
                  {[each.lastError, ...Object.keys(each.reasons).map(fixOf)].filter(Boolean).join(' ') || '–'}
                </td>
              </tr>
            ));
            const circuits = health.circuits?.map((circuit) => (
              <tr key={`${name} calls ${circuit.name}`}>
                {first}
                <td colSpan={6} class={circuit.state === 'closed' ? 'muted' : undefined}>
                  Calls to {circuit.name}: circuit {circuit.state.replace('_', '-')},{' '}
                  {formatCount(circuit.rejected)} calls not made.
                </td>
              </tr>
            ));
            const unsampled = unsampledShare(health.arrivals) !== undefined && (
              <tr key={`${name} unsampled`}>
                {first}
                <td colSpan={6} class="health-fix">
                  {describeUnsampled(health.arrivals)}
                </td>
              </tr>
            );
            return [...destinations, unsampled, ...(circuits ?? [])];
          })}
        </tbody>
      </table>
      <p class="muted">
        The store:{' '}
        {lost
          .filter(([count]) => count > 0)
          .map(([count, why]) => `${formatCount(count)} ${why}`)
          .join(' · ') || 'nothing dropped'}
      </p>
    </section>
  );
}
