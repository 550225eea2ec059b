import { useEffect, useState } from 'preact/hooks';
import type { ServiceHealth } from '../../pipeline-routes.ts';
import { getJson } from '../api.ts';
import { ServiceName } from '../components/service-name.tsx';
import { formatAgo, formatBytes, formatCount } from '../format.ts';
import { fixOf } from './fixes.ts';

interface Status {
  readonly spans: number;
  readonly bytes: number;
  readonly max_bytes: number;
  readonly dropped: Readonly<Record<'bytes' | 'age' | 'rejected' | 'busy' | 'failed', number>>;
  readonly notices: readonly string[];
  readonly services: readonly { readonly name: string; readonly rows: number; readonly last_seen: string }[];
}

interface Health {
  readonly status: Status;
  readonly services: readonly ServiceHealth[];
}

const everyMs = 5000;

/**
 * How spans get here, at the foot of every view: what each service exported, dropped and was refused, as far as
 * it tells, when it was last heard of, and what the store says of itself.
 */
export function HealthStrip() {
  const { health, failed } = useHealth();
  const [open, setOpen] = useState(false);
  if (failed) {
    return (
      <footer class="health">
        <p role="alert">
          <span class="error-mark" aria-hidden="true">
            ✗
          </span>{' '}
          The explorer does not answer. What is shown may be old.
        </p>
      </footer>
    );
  }
  if (health === undefined) return <footer class="health" />;
  const { status } = health;
  return (
    <footer class="health">
      {status.notices.map((notice) => (
        <p key={notice} class="health-notice" role="status">
          <span aria-hidden="true">⚠</span> {notice}
        </p>
      ))}
      {open && <HealthTable health={health} />}
      <div class="health-row">
        <button type="button" class="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span aria-hidden="true">{open ? '▾' : '▴'}</span> Pipeline
        </button>
        <ul class="health-services">
          {summaries(health).map(({ name, text, bad }) => (
            <li key={name}>
              <ServiceName name={name} />{' '}
              <span class={bad ? 'error-text' : 'muted'}>
                {bad && '✗ '}
                {text}
              </span>
            </li>
          ))}
        </ul>
        <span class="health-store muted">
          {formatCount(status.spans)} spans · {formatBytes(status.bytes)} of {formatBytes(status.max_bytes)}
        </span>
      </div>
    </footer>
  );
}

function HealthTable({ health: { status, services } }: { health: Health }) {
  const { dropped } = status;
  const lost = [
    [dropped.bytes, 'evicted: the store was full'],
    [dropped.age, 'evicted: too old'],
    [dropped.rejected, 'rejected: malformed'],
    [dropped.busy, 'sent back: the writer was behind'],
    [dropped.failed, 'lost: the file could not be written'],
  ] as const;
  const rows = names({ status, services }).map((name) => ({
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
                  <ServiceName name={name} />
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
                      : 'Its /metrics do not answer'}
                  </td>
                </tr>,
              ];
            }
            return health.destinations.map((each) => (
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

/** One line a service: what is wrong, else when it was last heard of. */
function summaries(health: Health): { name: string; text: string; bad: boolean }[] {
  return names(health).map((name) => {
    const destinations = health.services.find((each) => each.name === name)?.destinations ?? [];
    const seen = health.status.services.find((each) => each.name === name);
    const sum = (of: 'exported' | 'dropped' | 'rejected') =>
      destinations.reduce((all, each) => all + each[of], 0);
    const [exported, dropped, rejected] = [sum('exported'), sum('dropped'), sum('rejected')];
    const ago = seen === undefined ? 'nothing yet' : formatAgo(Date.parse(seen.last_seen));
    const parts = [
      ...(destinations.length > 0 ? [`${formatCount(exported)} exported`] : []),
      ...(dropped > 0 ? [`${formatCount(dropped)} dropped`] : []),
      ...(rejected > 0 ? [`${formatCount(rejected)} rejected`] : []),
      ago,
    ];
    return { name, text: parts.join(' · '), bad: dropped + rejected > 0 };
  });
}

/** Services that sent something, and those that can be asked. */
function names({ status, services }: Health): string[] {
  const asked = services.filter(({ reachable }) => reachable);
  return [...new Set([...status.services, ...asked].map(({ name }) => name))].sort();
}

/** Reads again every few seconds while the page is looked at. */
function useHealth() {
  const [state, setState] = useState<{ health?: Health; failed: boolean }>({ failed: false });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      if (!document.hidden) {
        try {
          const [status, { services }] = await Promise.all([
            getJson<Status>('/api/status', signal),
            getJson<Pick<Health, 'services'>>('/api/pipeline', signal),
          ]);
          setState({ health: { status, services }, failed: false });
        } catch {
          if (signal.aborted) return;
          setState((before) => ({ ...before, failed: true }));
        }
      }
      timer = setTimeout(read, everyMs);
    };
    void read();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, []);
  return state;
}
