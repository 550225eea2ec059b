import type { ViewFacts, ViewName } from '../core/places/views.ts';
import { factsOf, viewNames } from '../core/places/views.ts';
import { loadStyles } from './browser/load-styles.ts';
import { pageSettings } from './browser/settings.ts';
import { lazy } from './components/states/lazy.tsx';
import type { ViewCode } from './part.ts';
import { shownParts } from './shown-parts.ts';

/** A view, which is loaded when it is first shown; undefined when the page has none of this name. */
export function viewOf(name: ViewName) {
  const code = codeOf(name);
  return code && lazy(code, () => loadStyles(pageSettings.viewStyles[name]));
}

/** The code of a view; undefined when the page has none of this name. */
export function codeOf(name: ViewName): ViewCode | undefined {
  return shownParts().find(({ views }) => views?.[name] !== undefined)?.views?.[name];
}

/**
 * The views of the menu, in its order, each with its title.
 * @param services that have sent data; before that is known, no view that depends on it is in the menu
 */
export function menuViews(services: readonly string[] | undefined) {
  return named(
    ({ inMenu }) => inMenu === true || (services !== undefined && inMenu?.(pageSettings, services) === true),
  );
}

/** The views behind ⋯. */
export function moreViews() {
  return named(({ inMore }) => inMore === true);
}

function named(isShown: (facts: ViewFacts) => boolean) {
  return viewNames().flatMap((view) => {
    const facts = factsOf(view);
    return facts !== undefined && isShown(facts) ? { view, title: facts.title, words: facts.words } : [];
  });
}
