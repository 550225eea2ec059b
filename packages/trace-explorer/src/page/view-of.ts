import type { ViewName } from '../core/places/views.ts';
import { factsOf, viewNames } from '../core/places/views.ts';
import { pageSettings } from './browser/settings.ts';
import { lazyOf } from './components/states/lazy.tsx';
import { shownParts } from './shown-parts.ts';

/** A view, which is loaded when it is first shown; undefined when the page has none of this name. */
export function viewOf(name: ViewName) {
  const code = shownParts().find(({ views }) => views?.[name] !== undefined)?.views?.[name];
  return code && lazyOf(code);
}

/** The views of the menu, in its order, each with its title. */
export function menuViews(): { readonly view: ViewName; readonly title: string }[] {
  return viewNames().flatMap((view) => {
    const { title = '', inMenu } = factsOf(view) ?? {};
    return inMenu === true || inMenu?.(pageSettings) ? { view, title } : [];
  });
}
