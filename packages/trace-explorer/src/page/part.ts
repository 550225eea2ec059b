import type { ComponentType } from 'preact';
import type { Part } from '../core/door/part.ts';
import type { Place } from '../core/places/place.ts';
import type { Range } from '../core/places/range.ts';
import type { ParamForms } from '../core/places/read-params.ts';
import type { ViewName } from '../core/places/views.ts';
import type { ViewProps } from './browser/router.ts';

/** Reads a component's code. `lazy` shows it. */
export type Code<P> = () => Promise<{ default: ComponentType<P> }>;

/** Reads a view's code. */
export type ViewCode = () => Promise<{
  default: ComponentType<ViewProps> & {
    /** The params that it takes, besides its time. The page says which of an address it does not read. */
    params(): ParamForms;
  };
}>;

/** What the frame opens over the page. */
export type Opened = 'go' | 'pipeline' | 'delete' | 'import' | 'keys';

/** A row of *Go to anything*. */
export interface Destination {
  readonly kind: 'trace' | 'link' | 'query' | 'view' | 'action' | 'service' | 'route' | 'user' | 'cause';
  readonly text: string;
  readonly detail?: string;
  /** What people type for it, besides its text. */
  readonly words?: string;
  readonly place: Place;
  /** What it opens over the page instead of going to the place. */
  readonly opens?: Opened;
}

/** What somebody types into *Go to anything*. */
export interface Sought {
  readonly text: string;
  readonly range: Range | undefined;
}

/** A link about something, in words of a menu or of a row. */
export interface Action<Of> {
  readonly label: string;
  /** Where it leads; undefined when it is not for this one. */
  place(of: Of): Place | undefined;
}

/**
 * `parts/NAME/page/part.ts`: the door for the browser. It imports types and the part's own data; code is behind functions. A room
 * that asks the parts for more adds its member here, by declaration merging.
 */
export interface PagePart {
  readonly part: Part;
  readonly views?: Readonly<Partial<Record<ViewName, ViewCode>>>;
  /**
   * Rows of *Go to anything*: those known at once, those about each service, those that are read when the box opens, and those
   * that are looked for by a text, in the time that the rows will be shown with.
   */
  readonly destinations?: {
    known?(): readonly Destination[];
    readonly ofService?: readonly Action<string>[];
    read?(): Promise<{ default(signal: AbortSignal): Promise<readonly Destination[]> }>;
    find?(): Promise<{ default(sought: Sought, signal: AbortSignal): Promise<readonly Destination[]> }>;
  };
}
