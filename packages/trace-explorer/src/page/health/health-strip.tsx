import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Exports } from '../../pipeline/parse-metrics.ts';
import { lazy } from '../components/lazy.tsx';
import { formatAgo, formatCount, formatZone } from '../format.ts';
import { storedParts } from './stored-text.ts';
import { unsampledShare } from './unsampled.ts';
import type { Health } from './use-health.ts';
import { healthNames, isStopped, useHealth } from './use-health.ts';

const HealthTable = lazy(() => import('./health-table.tsx'));

/** Services in the strip at most, those that need attention first: no window is wide enough for more. */
const MAX_SHOWN = 16;

/**
 * How spans get here, at the foot of every view: what each service exported, what it lost, when it was last heard of,
 * and what the store reports about itself.
 */
export function HealthStrip({ turn, onDelete }: { turn: number; onDelete: () => void }) {
  const { health, failed } = useHealth(turn);
  const [open, setOpen] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const fitting = useFitting(list, health);
  if (failed) {
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
  if (health === undefined) return <footer class="health" />;
  const { status } = health;
  const { spans, lines, room } = storedParts(status);
  const all = summaries(health);
  const inNeed = all.filter(isUrgent).length;
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
      {status.notices.map((notice) => (
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
      {open && <HealthTable health={health} />}
      <div class="health-row">
        <button type="button" class="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span aria-hidden="true">{open ? '▾' : '▴'}</span> Pipeline
          {all.length > MAX_SHOWN && ` of ${formatCount(all.length)} services`}
          {inNeed > 0 && <span class="error-text">, ✗ {formatCount(inNeed)} in need</span>}
        </button>
        <ul class="health-services" ref={list}>
          {all.slice(0, MAX_SHOWN).map(({ name, parts, bad, stopped }) => (
            <li key={name}>
              <bdi>{name}</bdi> {stopped && <span class="health-stopped">■ stopped</span>}{' '}
              <span class={bad ? 'error-text' : 'muted'}>
                {bad && '✗ '}
                {parts.map(({ text, wide }, i) => (
                  <span key={text} class={wide ? 'health-wide' : undefined}>
                    {text}
                    {i + 1 < parts.length && ' · '}
                  </span>
                ))}
              </span>
            </li>
          ))}
        </ul>
        {fitting < all.length && (
          <button
            type="button"
            class="health-others"
            aria-expanded={open}
            aria-label={`${formatCount(all.length - fitting)} more, in a table`}
            onClick={() => setOpen(!open)}
          >
            +{formatCount(all.length - fitting)}
          </button>
        )}
        <span class="health-store muted">
          {spans}
          <span class="health-wide">{lines}</span>
          {room}
          <span class="health-wide"> · local time is {formatZone(Date.now())}</span>
        </span>
        <button type="button" class="health-delete" onClick={onDelete}>
          Delete …
        </button>
      </div>
    </footer>
  );
}

/** How many of the services have room on the strip's one line. */
function useFitting(list: RefObject<HTMLElement | null>, health: Health | undefined): number {
  const [fitting, setFitting] = useState(0);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    // What is wrapped to another line is out of sight.
    const look = () => {
      const items = [...element.children] as HTMLElement[];
      setFitting(items.filter(({ offsetTop }) => offsetTop === items[0]?.offsetTop).length);
    };
    look();
    const resized = new ResizeObserver(look);
    resized.observe(element);
    return () => resized.disconnect();
  }, [health]);
  return fitting;
}

interface Summary {
  readonly name: string;
  /** What is said of it; what is for a wide window is in the table as well. */
  readonly parts: readonly { readonly text: string; readonly wide: boolean }[];
  readonly bad: boolean;
  readonly stopped: boolean;
}

/** One line per service: what was exported and lost, as far as it is known, its log lines here, when it was last heard of. */
function summaries(health: Health): readonly Summary[] {
  const asked = new Map(health.services.map((each) => [each.name, each]));
  const heard = new Map(health.status.services.map((each) => [each.name, each]));
  const all = healthNames(health).map((name): Summary => {
    const { destinations = [], circuits = [], arrivals } = asked.get(name) ?? {};
    const unsampled = unsampledShare(arrivals);
    const silent = circuits.filter(({ state }) => state !== 'closed');
    const seen = heard.get(name);
    const sum = (exports: readonly Exports[], of: 'exported' | 'dropped' | 'rejected') =>
      exports.reduce((all, each) => all + each[of], 0);
    const [exported, dropped, rejected] = [
      sum(destinations, 'exported'),
      sum(destinations, 'dropped'),
      sum(destinations, 'rejected'),
    ];
    const ofLogs = destinations.flatMap(({ logs }) => logs ?? []);
    const [lostLines, refusedLines] = [sum(ofLogs, 'dropped'), sum(ofLogs, 'rejected')];
    const lines = seen?.logs ?? 0;
    const ago = seen === undefined ? 'nothing yet' : formatAgo(Date.parse(seen.last_seen));
    const received = `${formatCount(lines)} log ${lines === 1 ? 'line' : 'lines'}`;
    const parts = [
      ...(destinations.length > 0 ? [`${formatCount(exported)} exported`] : []),
      ...(dropped > 0 ? [`${formatCount(dropped)} dropped`] : []),
      ...(rejected > 0 ? [`${formatCount(rejected)} rejected`] : []),
      ...(unsampled === undefined ? [] : [`${unsampled} of requests came unsampled`]),
      ...(lines > 0 ? [received] : []),
      ...(lostLines > 0 ? [`${formatCount(lostLines)} log lines dropped`] : []),
      ...(refusedLines > 0 ? [`${formatCount(refusedLines)} log lines rejected`] : []),
      ...silent.map((circuit) => `${circuit.name} does not answer`),
      ago,
    ];
    return {
      name,
      parts: parts.map((text) => ({ text, wide: text === received && destinations.length > 0 })),
      bad: dropped + rejected + lostLines + refusedLines + silent.length > 0,
      stopped: isStopped(health, name),
    };
  });
  // First those that must be seen, however narrow the window is.
  return all.toSorted((a, b) => Number(isUrgent(b)) - Number(isUrgent(a)));
}

function isUrgent({ bad, stopped }: Summary): boolean {
  return bad || stopped;
}
