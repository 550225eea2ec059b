import { useEffect, useState } from 'preact/hooks';
import type { Status } from '../../status.ts';
import { getJson } from '../api.ts';
import { formatAgo, formatCount, formatZone } from '../format.ts';
import { useLoad } from '../use-load.ts';
import { HealthTable } from './health-table.tsx';
import { refusedTexts, storedText } from './stored-text.ts';

/** Services in the strip at most: no window is wide enough for more. */
const MAX_SHOWN = 16;
/** Milliseconds between two looks. */
const EVERY_MS = 5000;

/** Who sends, what was refused and why, and what the store says about itself: at the foot of every view. */
export function HealthStrip({ turn, onDelete }: { turn: number; onDelete: () => void }) {
  const {
    value: status,
    error,
    busy,
    reload,
  } = useLoad((signal) => getJson<Status>('/api/status', signal), [turn]);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (busy) return;
    const timer = setTimeout(reload, EVERY_MS);
    return () => clearTimeout(timer);
  }, [busy]);
  if (error !== undefined) {
    return (
      <footer class="health">
        <p role="alert">
          <span class="error-mark" aria-hidden="true">
            ✗
          </span>{' '}
          The explorer does not answer. What is shown may be old. Start it again: the page goes on by itself.
        </p>
      </footer>
    );
  }
  if (status === undefined) return <footer class="health" />;
  const { notices } = status;
  const services = status.services.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const refused = refusedTexts(status);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens for Escape from everything within
    <footer
      class="health"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        setOpen(false);
      }}
    >
      {notices.map((notice) => (
        <p key={notice} class="health-notice" role="status">
          <span aria-hidden="true">⚠</span> {notice}{' '}
          {!open && (
            <button type="button" onClick={() => setOpen(true)}>
              Details
            </button>
          )}{' '}
          {/reached its cap/u.test(notice) && (
            <button type="button" onClick={onDelete}>
              Delete …
            </button>
          )}
        </p>
      ))}
      {open && <HealthTable status={{ ...status, services }} />}
      <div class="health-row">
        <button type="button" class="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span aria-hidden="true">{open ? '▾' : '▴'}</span> Pipeline of {formatCount(services.length)}{' '}
          {services.length === 1 ? 'service' : 'services'}
        </button>
        {refused.length > 0 && <span class="error-text health-refused">✗ {refused.join(' · ')}</span>}
        <ul class="health-services">
          {services.slice(0, MAX_SHOWN).map(({ name, logs, last_seen }) => (
            <li key={name}>
              <bdi>{name}</bdi>{' '}
              <span class="muted">
                {logs > 0 && `${formatCount(logs)} log ${logs === 1 ? 'line' : 'lines'} · `}
                {formatAgo(Date.parse(last_seen))}
              </span>
            </li>
          ))}
        </ul>
        <span class="health-store muted">
          {storedText(status)}
          <span class="health-wide"> · local time is {formatZone(Date.now())}</span>
        </span>
        <button type="button" class="health-delete" onClick={onDelete}>
          Delete …
        </button>
      </div>
    </footer>
  );
}
