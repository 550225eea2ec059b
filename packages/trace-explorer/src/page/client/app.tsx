import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Busy } from './components/busy.tsx';
import { ErrorState } from './components/error-state.tsx';
import { HealthStrip } from './health/health-strip.tsx';
import { hrefOf, type ViewName, viewNames } from './place.ts';
import { usePlace } from './router.ts';
import { type ViewProps, views } from './views.ts';

/** The page: navigation, the view of the present place, and the health of the pipeline below. */
export function App() {
  const place = usePlace();
  const { view, error, retry } = useView(place.view);
  useEffect(() => {
    const name = views[place.view].title;
    document.title = place.id === undefined ? `${name} · Tandem` : `${name} ${place.id.slice(0, 8)} · Tandem`;
  }, [place.view, place.id]);
  const View = view?.name === place.view ? view.component : undefined;
  return (
    <>
      <a class="skip-link" href="#view">
        Skip to content
      </a>
      <header class="shell-header">
        <a class="shell-name" href="/" aria-label="Tandem, to the query">
          Tandem
        </a>
        <nav aria-label="Views">
          {viewNames
            .filter((name) => !views[name].hidden)
            .map((name) => (
              <a
                key={name}
                href={hrefOf({ view: name, params: {} })}
                aria-current={name === place.view && 'page'}
              >
                {views[name].title}
              </a>
            ))}
        </nav>
      </header>
      <main id="view" tabIndex={-1} class={`view view-${place.view}`}>
        {View !== undefined && <View place={place} />}
        {View === undefined && error === undefined && <Busy what="Loading the view" />}
        {View === undefined && error !== undefined && <ErrorState error={error} onRetry={retry} />}
      </main>
      <HealthStrip />
    </>
  );
}

interface LoadedView {
  readonly name: ViewName;
  readonly component: ComponentType<ViewProps>;
}

function useView(name: ViewName) {
  const [view, setView] = useState<LoadedView>();
  const [error, setError] = useState<Error>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    setError(undefined);
    views[name].load().then(
      (module) => wanted && setView({ name, component: module.default }),
      () => wanted && setError(new Error('The view could not be loaded: the explorer does not answer.')),
    );
    return () => {
      wanted = false;
    };
  }, [name, turn]);
  return { view, error, retry: () => setTurn((before) => before + 1) };
}
