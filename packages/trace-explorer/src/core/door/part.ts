import type { PartViews } from '../places/views.ts';

/** `parts/NAME/part.ts`: what both sides load. It imports types, and words of its own. */
export interface Part extends PartViews {
  /** Its folder. */
  readonly name: string;
  /** The parts that it imports. Without one of them it is left out, too. */
  readonly needs?: readonly string[];
  /** A script of its own that its routes send, besides the page: its entry below the folder `page`. */
  readonly script?: string;
}
