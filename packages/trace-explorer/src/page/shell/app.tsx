import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { hrefOf, VIEW_NAMES } from '../../places/place.ts';
import { traceIdField } from '../../shared/trace-id.ts';
import { lazy } from '../components/lazy.tsx';
import { HealthStrip } from '../health/health-strip.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { go, placeNow, usePlace } from './router.ts';
import { ThemeSelect } from './theme-select.tsx';
import { useGoBox } from './use-go-box.ts';
import { views } from './views.ts';

const GoBox = lazy(() => import('./go/go-box.tsx'));

/** The page: navigation, the view of the present place, and the health of the pipeline below. */
export function App() {
  const place = usePlace();
  const { View } = views[place.view];
  const view = useRef<HTMLElement>(null);
  // The link that led here is gone: Tab goes on in the view.
  const shown = useRef(place);
  useLayoutEffect(() => {
    const isOther = shown.current !== place;
    shown.current = place;
    if (isOther && document.activeElement === document.body) view.current?.focus({ preventScroll: true });
  }, [place.view, place.id]);
  const [goes, setGoes] = useGoBox();
  const [deletes, setDeletes] = useState(false);
  /** Counts deletions: each shows the view anew. */
  const [turn, setTurn] = useState(0);
  const showWithout = (traceId: string | undefined) => {
    if (traceId !== undefined || placeNow().view === 'trace') go({ view: 'traces', params: {} });
    setTurn((before) => before + 1);
  };
  useEffect(() => {
    const name = views[place.view].title;
    const id = place.id === undefined ? '' : ` ${traceIdField(place.id).slice(0, 8)}`;
    document.title = `${name}${id} · Tandem`;
  }, [place.view, place.id]);
  return (
    <>
      <a class="skip-link" href="#view">
        Skip to content
      </a>
      <header class="shell-header">
        <a class="shell-name" href="/" aria-label="Tandem, to the overview">
          Tandem
        </a>
        <nav aria-label="Views">
          {VIEW_NAMES.filter((name) => !views[name].hidden).map((name) => (
            <a
              key={name}
              href={hrefOf({ view: name, params: {} })}
              aria-current={name === place.view && 'page'}
            >
              {views[name].title}
            </a>
          ))}
        </nav>
        <div class="shell-tools">
          <button type="button" aria-keyshortcuts="g Control+K" onClick={() => setGoes(true)}>
            Go to … <kbd>g</kbd>
          </button>
          <ThemeSelect />
        </div>
      </header>
      <main id="view" ref={view} tabIndex={-1} class={`view view-${place.view}`}>
        <View key={turn} place={place} />
      </main>
      <HealthStrip turn={turn} onDelete={() => setDeletes(true)} />
      {goes && <GoBox onClose={() => setGoes(false)} />}
      {deletes && <DeleteDialog onClose={() => setDeletes(false)} onDeleted={showWithout} />}
    </>
  );
}
