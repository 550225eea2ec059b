import '../common.ts';
import type { Exports } from '../../pipeline/parse-metrics.ts';
import { formatAgo, formatCount, formatZone } from '../format.ts';
import { describeUnsampled } from './describe-unsampled.ts';
import { fixOf } from './fixes.ts';
import { storedText } from './stored-text.ts';
import { unsampledShare } from './unsampled.ts';
import type { Health } from './use-health.ts';
import { healthNames } from './use-health.ts';

/** Each service and each destination that it sends to, and what the store dropped. In a narrow window each cell names its column. */
export default function HealthTable({ health: { status, services } }: { health: Health }) {
  const { dropped, dropped_logs: logs } = status;
  const lostLines = logs.bytes + logs.age + logs.rejected + logs.busy + logs.failed;
  const lost = [
    [dropped.bytes, 'evicted: the store was full'],
    [dropped.age, 'evicted: too old'],
    [dropped.rejected, 'rejected: malformed or too large'],
    [dropped.busy, 'sent back, to come again'],
    [dropped.failed, 'lost: the file could not be written'],
    [lostLines, 'log lines dropped'],
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
            <th scope="col">Last here</th>
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
                <td data-label="Last here">
                  {seen === undefined ? 'none yet' : formatAgo(Date.parse(seen.last_seen))}
                </td>
              </>
            );
            if (health === undefined || !health.reachable) {
              return [
                <tr key={name}>
                  {first}
                  <td colSpan={6} class="muted">
                    {health === undefined
                      ? `Not known: only what it sends is seen${seen && seen.logs > 0 ? `, ${formatCount(seen.logs)} log lines among it` : ''}`
                      : health.stopped
                        ? 'Stopped: nothing listens there any more. Start it, then send a request'
                        : 'Its /metrics do not answer'}
                  </td>
                </tr>,
              ];
            }
            const ofLogs = (
              <>
                <th scope="row">
                  <bdi>{name}</bdi>, log lines
                </th>
                <td data-label="Last here">
                  {seen?.last_log === undefined ? 'none yet' : formatAgo(Date.parse(seen.last_log))}
                </td>
              </>
            );
            const destinations = health.destinations.flatMap((each) => [
              <tr key={`${name} ${each.name}`}>
                {first}
                <ExportCells to={each.name} of={each} lastError={each.lastError} />
              </tr>,
              ...(each.logs === undefined
                ? []
                : [
                    <tr key={`${name} ${each.name} logs`}>
                      {ofLogs}
                      <ExportCells to={each.name} of={each.logs} lastError={undefined} />
                    </tr>,
                  ]),
            ]);
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
        The store: {storedText(status)} ·{' '}
        {lost
          .filter(([count]) => count > 0)
          .map(([count, why]) => `${formatCount(count)} ${why}`)
          .join(' · ') || 'nothing dropped'}{' '}
        · local time is {formatZone(Date.now())}
      </p>
    </section>
  );
}

function ExportCells({ to, of, lastError }: { to: string; of: Exports; lastError: string | undefined }) {
  const said = [lastError, ...Object.keys(of.reasons).map(fixOf)].filter(Boolean).join(' ');
  return (
    <>
      <td data-label="Sends to">{to}</td>
      <td class="numeric" data-label="Exported">
        {formatCount(of.exported)}
      </td>
      <td class="numeric" data-label="Waiting">
        {formatCount(of.waiting)}
      </td>
      <td class="numeric" data-label="Dropped">
        {formatCount(of.dropped)}
      </td>
      <td class="numeric" data-label="Rejected">
        {formatCount(of.rejected)}
      </td>
      <td class={said === '' ? 'health-fix nothing' : 'health-fix'}>{said || '–'}</td>
    </>
  );
}
