import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Range } from '../../core/places/range.ts';
import { sharesRange, shownRange, withRange } from '../../core/places/shown-range.ts';
import { factsOf } from '../../core/places/views.ts';
import type { Status } from '../../core/status.ts';
import { onUnreachable } from '../api/api.ts';
import { useJson } from '../api/use-load.ts';
import { go, hrefHere, placeNow, usePlace } from '../browser/router.ts';
import { MoreMenu } from '../components/overlays/menu.tsx';
import { lazy } from '../components/states/lazy.tsx';
import { HealthStrip } from '../health/health-strip.tsx';
import { DropFiles } from '../import/drop-files.tsx';
import { menuViews, viewOf } from '../view-of.ts';
import { useGoKeys } from './use-go-keys.ts';

const GoBox = lazy(() => import('./go/go-box.tsx'));
const dialogs = () => import('./dialogs.ts');
const PipelineDialog = lazy(async () => ({ default: (await dialogs()).PipelineDialog }));
const DeleteDialog = lazy(async () => ({ default: (await dialogs()).DeleteDialog }));

/** The page: navigation, the view of the present place, and below it problems of the pipeline. */
export function App() {
  const place = usePlace();
  const View = viewOf(place.view);
  // A view without a range keeps the range of the view before it.
  const range = useRef<Range | undefined>(undefined);
  if (sharesRange(place.view)) range.current = shownRange(place);
  const view = useRef<HTMLElement>(null);
  // The link that led here is gone, so Tab continues in the view.
  const shown = useRef(place);
  useLayoutEffect(() => {
    const isOther = shown.current !== place;
    shown.current = place;
    if (isOther && document.activeElement === document.body) view.current?.focus({ preventScroll: true });
  }, [place.view, place.id]);
  const [dialog, setDialog] = useState<'go' | 'pipeline' | 'delete'>();
  const close = () => setDialog(undefined);
  const openGo = () => setDialog('go');
  // Loaded ahead of its use, because keys that are pressed meanwhile would be lost. A failure is shown when the box opens.
  useEffect(() => void GoBox.load().catch(() => {}), []);
  useGoKeys(openGo);
  /** Counts deletions: each shows the view anew. */
  const [turn, setTurn] = useState(0);
  const health = useHealth(turn);
  const showWithout = (traceId: string | undefined) => {
    if (traceId !== undefined || placeNow().view === 'trace') go({ view: 'traces', params: {} });
    setTurn((before) => before + 1);
  };
  useEffect(() => {
    const { title = '', about } = factsOf(place.view) ?? {};
    document.title = `${title}${about ? ` ${about(place.id ?? '')}` : ''} · Tandem`;
  }, [place.view, place.id]);
  return (
    <>
      <a class="skip-link" href="#view">
        Skip to content
      </a>
      <header class="shell-header">
        <a class="shell-name quiet" href="/" aria-label="Tandem, to the overview">
          Tandem
        </a>
        <nav aria-label="Views">
          {menuViews().map(({ view: name, title }) => (
            <a
              key={name}
              href={hrefHere(withRange({ view: name, params: {} }, range.current))}
              aria-current={name === place.view && 'page'}
            >
              {title}
            </a>
          ))}
        </nav>
        <div class="shell-tools">
          <button type="button" aria-keyshortcuts="g Control+K" onClick={openGo}>
            Go to … <kbd>g</kbd>
          </button>
          <MoreMenu
            about="More"
            items={[
              { key: 'pipeline', label: 'Pipeline …', onSelect: () => setDialog('pipeline') },
              { key: 'delete', label: 'Delete …', onSelect: () => setDialog('delete') },
            ]}
          />
        </div>
      </header>
      <main id="view" ref={view} tabIndex={-1} class={`view view-${place.view}`}>
        {View && <View key={turn} place={place} />}
      </main>
      <DropFiles />
      <HealthStrip load={health} onDetails={() => setDialog('pipeline')} />
      {dialog === 'go' && <GoBox range={range.current} onClose={close} />}
      {dialog === 'pipeline' && health.value && <PipelineDialog status={health.value} onClose={close} />}
      {dialog === 'delete' && <DeleteDialog onClose={close} onDeleted={showWithout} />}
    </>
  );
}

/** Milliseconds between two reads of the status. */
const EVERY_MS = 5000;

/** The explorer's status, read periodically. */
function useHealth(turn: number) {
  const health = useJson<Status>('/api/status', [turn]);
  const { busy, error, reload } = health;
  useEffect(() => {
    if (busy) return;
    const timer = setTimeout(reload, EVERY_MS);
    return () => clearTimeout(timer);
  }, [busy]);
  // Not while it is read, nor after it failed: its own failure is told here as well.
  useEffect(() => (busy || error ? undefined : onUnreachable(reload)), [busy, error]);
  return health;
}
