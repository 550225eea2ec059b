import type { Status } from '../../status.ts';
import { Dialog } from '../components/overlays/dialog.tsx';
import { formatAgo, formatCount, formatZone } from '../format.ts';
import { evictedTexts, refusedTexts, storedText } from './stored-text.ts';

/** Each service that sends, and what the store refused and dropped. */
export function PipelineDialog({ status, onClose }: { status: Status; onClose: () => void }) {
  const dropped = [...refusedTexts(status), ...evictedTexts(status)];
  const services = status.services.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return (
    <Dialog
      title={`Pipeline of ${formatCount(services.length)} ${services.length === 1 ? 'service' : 'services'}`}
      onClose={onClose}
    >
      <p>
        The store: {storedText(status)} · {dropped.join(' · ') || 'nothing refused, nothing dropped'} · local
        time is {formatZone(Date.now())}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="health-services" aria-label="Services that send" tabIndex={0}>
        <table class="data-table">
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col">Last here</th>
              <th scope="col" class="numeric">
                Rows
              </th>
              <th scope="col" class="numeric">
                Log lines
              </th>
              <th scope="col">Last line</th>
            </tr>
          </thead>
          <tbody>
            {services.map(({ name, rows, logs, last_seen, last_log }) => (
              <tr key={name}>
                <th scope="row">
                  <bdi>{name}</bdi>
                </th>
                <td>{formatAgo(Date.parse(last_seen))}</td>
                <td class="numeric">{formatCount(rows)}</td>
                <td class="numeric">{formatCount(logs)}</td>
                <td>{last_log === undefined ? '–' : formatAgo(Date.parse(last_log))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Dialog>
  );
}
