import { useState } from 'preact/hooks';
import type { Range } from '../../core/places/range.ts';
import { withRange } from '../../core/places/shown-range.ts';
import { factsOf } from '../../core/places/views.ts';
import { go, hrefHere, usePlace } from '../browser/router.ts';
import type { Theme } from '../browser/use-color-scheme.ts';
import { chooseTheme, themeNow } from '../browser/use-color-scheme.ts';
import { useShownTools } from '../browser/view-tools.ts';
import { Icon } from '../components/icon.tsx';
import { Segmented } from '../components/inputs/segmented.tsx';
import type { MenuItem } from '../components/overlays/menu.tsx';
import { Menu, MenuItems, MoreLabel } from '../components/overlays/menu.tsx';
import { Popover } from '../components/overlays/popover.tsx';
import { menuViews, moreViews } from '../view-of.ts';
import { HeaderTime } from './header-time.tsx';

/** What the bar opens over the page. */
export type Opened = 'go' | 'pipeline' | 'delete' | 'import' | 'keys';

interface HeaderProps {
  /** The time that the views share. */
  readonly range: Range | undefined;
  readonly onOpen: (what: Opened) => void;
}

/** The bar at the top: the views, the box to go anywhere, the time of the view, and what people seldom need. */
export function Header({ range, onOpen }: HeaderProps) {
  const { view } = usePlace();
  const views = menuViews();
  const placeOf = (name: typeof view) => withRange({ view: name, params: {} }, range);
  return (
    <header class="shell-header">
      <a class="shell-name quiet" href="/" aria-label="Tandem, to the overview">
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
          <rect x="1" y="4" width="12" height="5" rx="2.5" fill="currentColor" />
          <rect x="7" y="11" width="12" height="5" rx="2.5" fill="var(--accent)" />
        </svg>
        <b>Tandem</b>
      </a>
      <nav aria-label="Views">
        {views.map(({ view: name, title }) => (
          <a key={name} href={hrefHere(placeOf(name))} aria-current={name === view && 'page'}>
            {title}
          </a>
        ))}
      </nav>
      <div class="shell-views">
        <Menu
          button="ghost"
          label={
            <>
              {factsOf(view)?.title ?? 'Views'}
              <Icon name="chevron-down" />
            </>
          }
          items={views.map(({ view: name, title }) => ({
            key: name,
            label: title,
            onSelect: () => go(placeOf(name)),
          }))}
        />
      </div>
      <div class="shell-tools">
        <button
          type="button"
          class="shell-go"
          aria-label="Go to anything"
          aria-keyshortcuts="g Control+K"
          onClick={() => onOpen('go')}
        >
          <Icon name="search" />
          <span>Go to anything</span> <kbd>g</kbd>
        </button>
        <HeaderTime />
        <More onOpen={onOpen} />
      </div>
    </header>
  );
}

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** The menu behind ⋯, with the theme above it. */
function More({ onOpen }: Pick<HeaderProps, 'onOpen'>) {
  const [theme, setTheme] = useState(themeNow);
  const tools = useShownTools();
  const open = (key: Opened, label: string, more: Partial<MenuItem> = {}): MenuItem => ({
    key,
    label,
    onSelect: () => onOpen(key),
    ...more,
  });
  const items: MenuItem[] = [
    {
      key: 'link',
      label: 'Copy link',
      icon: 'link',
      onSelect: () => void navigator.clipboard.writeText(location.href),
    },
    ...(tools().refresh === undefined
      ? []
      : [
          {
            key: 'refresh',
            label: 'Read again',
            icon: 'refresh',
            keys: 'r',
            onSelect: () => tools().refresh?.(),
          } as const,
        ]),
    open('import', 'Import …', { icon: 'download' }),
    ...moreViews().map(
      ({ view, title }, index): MenuItem => ({
        key: view,
        label: title,
        begins: index === 0,
        onSelect: () => go({ view, params: {} }),
      }),
    ),
    open('pipeline', 'Pipeline …'),
    open('keys', 'Keys and signs', { keys: '?' }),
    open('delete', 'Delete …', { isDanger: true, begins: true }),
  ];
  return (
    <Popover label={<MoreLabel about="More" />} title="More" class="menu-list" button="icon">
      {(close) => (
        <>
          <div class="shell-theme">
            Theme
            <Segmented
              label="Theme"
              value={theme}
              choices={THEMES}
              onChoose={(chosen) => {
                chooseTheme(chosen);
                setTheme(chosen);
              }}
            />
          </div>
          <hr />
          <div role="menu" aria-label="More">
            <MenuItems items={items} close={close} />
          </div>
        </>
      )}
    </Popover>
  );
}
