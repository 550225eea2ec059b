import type { Place } from '../places/place.ts';

/**
 * The names of the parts' views. Each part adds its own: `declare module '../../core/door/part.ts' { interface ViewNames { sampling: true } }`.
 * So the name in a link is checked, and the core imports no part.
 */
// biome-ignore lint/suspicious/noEmptyInterface: the parts fill it
export interface ViewNames {}

/** What Node, the browser and a command know of a view without loading it. Data alone. */
export interface ViewFacts {
  readonly title: string;
  /** The view is about one thing, which the address names: `/service/NAME`. */
  readonly ofOne?: true;
  /** Whether it has the shared time range: always, or only when one was chosen. Absent: not at all. */
  readonly range?: 'always' | 'shared';
  /** In the menu, in the order of the list of parts. Others link to the rest. */
  readonly inMenu?: true;
  /** The request that the page's HTML starts. It must not depend on the browser. */
  firstRead?(place: Place): string | undefined;
}

/** `parts/NAME/part.ts`: what both sides load. It imports types, and words of its own. */
export interface Part {
  /** Its folder. */
  readonly name: string;
  /** The parts that it imports. Without one of them it is left out, too. */
  readonly needs?: readonly string[];
  readonly views?: Readonly<Record<string, ViewFacts>>;
}
