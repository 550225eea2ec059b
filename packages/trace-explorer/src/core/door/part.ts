import type { PartViews } from '../places/views.ts';

/**
 * `parts/NAME/part.ts`: what both sides load. It imports types, and words of its own. A room that asks for more adds its member here.
 */
export interface Part extends PartViews {
  /** The parts that it imports. Without one of them it is left out, too. */
  readonly needs?: readonly string[];
}
