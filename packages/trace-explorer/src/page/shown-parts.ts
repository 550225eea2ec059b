import { useParts } from '../core/places/views.ts';
import type { PagePart } from './part.ts';

let shown: readonly PagePart[] = [];

/** Says which parts this page has. An entry of the browser says it first. */
export function showParts(parts: readonly PagePart[]): void {
  useParts(parts.map(({ part }) => part));
  shown = parts;
}

/** The parts of this page, in the order of the menu. */
export function shownParts(): readonly PagePart[] {
  return shown;
}
