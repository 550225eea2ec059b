import { useEffect } from 'preact/hooks';
import type { Range } from '../../core/places/range.ts';
import { withRange } from '../../core/places/shown-range.ts';
import { factsOf } from '../../core/places/views.ts';
import { go, hrefHere, usePlace } from '../browser/router.ts';
import { Icon } from '../components/icon.tsx';
import { Menu } from '../components/overlays/menu.tsx';
import { Popover } from '../components/overlays/popover.tsx';
import { lazy } from '../components/states/lazy.tsx';
import type { Opened } from '../part.ts';
import { menuViews } from '../view-of.ts';
import { HeaderTime } from './header-time.tsx';

const More = lazy(async () => ({ default: (await import('./opened.ts')).More }));

export interface HeaderProps {
  /** The time that the views share. */
  readonly range: Range | undefined;
  readonly onOpen: (what: Opened) => void;
}

/** The bar at the top: the views, the box to go anywhere, the time of the view, and what people seldom need. */
export function Header({
  range,
  services,
  onOpen,
}: HeaderProps & { services: readonly string[] | undefined }) {
  const { view } = usePlace();
  const shown = factsOf(view)?.within ?? view;
  // Loaded ahead of its use, so that the focus has somewhere to go when it opens.
  useEffect(() => void More.load().catch(() => {}), []);
  const views = menuViews(services);
  const placeOf = (name: typeof view) => withRange({ view: name, params: {} }, range);
  return (
    <header class="shell-header band strip tight">
      <a class="shell-name strip quiet" href="/" aria-label="Tandem, to the overview">
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
          <rect x="1" y="4" width="12" height="5" rx="2.5" fill="currentColor" />
          <rect x="7" y="11" width="12" height="5" rx="2.5" fill="var(--accent)" />
        </svg>
        <b>Tandem</b>
      </a>
      <nav class="strip tight" aria-label="Views">
        {views.map(({ view: name, title }) => (
          <a
            key={name}
            class="button ghost"
            href={hrefHere(placeOf(name))}
            aria-current={name === view ? 'page' : name === shown}
          >
            {title}
          </a>
        ))}
      </nav>
      <div class="shell-views">
        <Menu
          button="ghost"
          label={factsOf(shown)?.title ?? 'Views'}
          hasMark
          items={views.map(({ view: name, title }) => ({
            key: name,
            label: title,
            onSelect: () => go(placeOf(name)),
          }))}
        />
      </div>
      <div class="shell-tools strip tight at-end">
        <button type="button" class="shell-go" aria-keyshortcuts="g Control+K" onClick={() => onOpen('go')}>
          <Icon name="search" />
          <span class="icon-word">Go to anything</span> <kbd class="at-end">g</kbd>
        </button>
        <HeaderTime />
        <Popover icon="more" label="More" title="More" class="menu-list" button="icon">
          {(close) => <More range={range} close={close} onOpen={onOpen} />}
        </Popover>
      </div>
    </header>
  );
}
