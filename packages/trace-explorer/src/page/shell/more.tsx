import { useState } from 'preact/hooks';
import { withRange } from '../../core/places/shown-range.ts';
import { go } from '../browser/router.ts';
import type { Theme } from '../browser/use-color-scheme.ts';
import { chooseTheme, useTheme } from '../browser/use-color-scheme.ts';
import { useShownTools } from '../browser/view-tools.ts';
import { copied } from '../components/inputs/copy-button.tsx';
import { Segmented } from '../components/inputs/segmented.tsx';
import type { MenuItem } from '../components/overlays/menu.tsx';
import { MenuItems } from '../components/overlays/menu.tsx';
import type { Opened } from '../part.ts';
import { moreViews } from '../view-of.ts';
import type { HeaderProps } from './header.tsx';

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** The menu behind ⋯, with the theme above it. */
export function More({ range, onOpen, close }: HeaderProps & { close: () => void }) {
  const [said, setSaid] = useState('');
  const { refresh } = useShownTools();
  const open = (key: Opened, label: string, more: Partial<MenuItem> = {}): MenuItem => ({
    key,
    label,
    onSelect: () => onOpen(key),
    ...more,
  });
  const items: MenuItem[] = [
    {
      key: 'link',
      label: (
        <>
          Copy link{' '}
          <span role="status" class="faint">
            {said}
          </span>
        </>
      ),
      icon: 'link',
      stays: true,
      onSelect: () => void copied(() => location.href).then(setSaid),
    },
    ...(refresh === undefined
      ? []
      : [{ key: 'refresh', label: 'Read again', icon: 'refresh', keys: 'r', onSelect: refresh } as const]),
    open('import', 'Import …', { icon: 'download' }),
    ...moreViews().map(
      ({ view, title }, index): MenuItem => ({
        key: view,
        label: title,
        begins: index === 0,
        onSelect: () => go(withRange({ view, params: {} }, range)),
      }),
    ),
    open('pipeline', 'Pipeline …'),
    open('keys', 'Keys and signs', { keys: '?' }),
    open('delete', 'Delete …', { isDanger: true, begins: true }),
  ];
  return (
    <>
      <div class="menu-label strip apart">
        Theme
        <Segmented label="Theme" value={useTheme()} choices={THEMES} onChoose={chooseTheme} />
      </div>
      <hr />
      <div role="menu" aria-label="More">
        <MenuItems items={items} close={close} />
      </div>
    </>
  );
}
