import { registerViews } from '../core/places/views.ts';
import type { PagePart } from './part.ts';

let shown: readonly PagePart[] = [];

/** Says which parts this page has. An entry of the browser says it first. @returns @throws as {@link registerViews} */
export function showParts(parts: readonly PagePart[]): () => void {
  const release = registerViews(parts);
  shown = parts;
  return release;
}

/** The parts of this page, in the order of the menu. */
export function shownParts(): readonly PagePart[] {
  return shown;
}
