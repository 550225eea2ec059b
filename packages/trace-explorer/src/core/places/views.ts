import type { PageSettings } from './page-settings.ts';
import type { Range } from './range.ts';

/**
 * The names of the parts' views. Each part adds its own: `declare module '../../core/places/views.ts' { interface ViewNames { sampling: true } }`.
 * So the name in a link is checked, and the core imports no part. Who links to a view of a part that it does not need adds the name
 * too: where the part was left out, the view has no address.
 */
// biome-ignore lint/suspicious/noEmptyInterface: the parts fill it
export interface ViewNames {}
export type ViewName = Extract<keyof ViewNames, string>;

type Params = Readonly<Record<string, string>>;

/** What Node, the browser and a command know of a view without loading it. */
export interface ViewFacts {
  readonly title: string;
  /** The view is about one thing, which the address names: `/service/NAME`. */
  readonly ofOne?: true;
  /** Whether it has the shared time range: always, or only when one was chosen. Absent: not at all. */
  readonly range?: 'always' | 'shared';
  /** The names of a range's two moments in its address. Absent: `start` and `end`. */
  readonly moments?: readonly [start: string, end: string];
  /** Its params with the range that other views share, where it has the range in its own form. */
  withRange?(params: Params, range: Range): Params;
  /** Its time, where its params have it in their own form. */
  readonly time?: { of(params: Params): Range; set(params: Params, range: Range): Params };
  /** Params that another time takes away, such as how many pages of a list are shown. */
  readonly resets?: readonly string[];
  /** What its first rows are, for the link that skips to them: `what is wrong`. */
  readonly skip?: string;
  /** What people type who look for it, besides its title. */
  readonly words?: string;
  /** The view of the menu that it belongs to: a trace to the traces. */
  readonly within?: ViewName;
  /** In the menu behind ⋯. */
  readonly inMore?: true;
  /**
   * In the menu, in the order of the list of parts: always, or as the page's settings and the services that sent data say. Others
   * link to the rest.
   */
  readonly inMenu?: true | ((settings: PageSettings, services: readonly string[]) => boolean);
  /** Shown at `/`, and at no other path. */
  readonly atRoot?: true;
}

/** A list of traces that a param of `/traces` names. */
export interface TraceList {
  /** Params that its route takes besides those of all lists. */
  readonly params: readonly string[];
  path(value: string): string;
}

/** What a part has to do with addresses. */
export interface PartViews {
  /** Its folder. */
  readonly name: string;
  readonly views?: Readonly<Partial<Record<ViewName, ViewFacts>>>;
  /** By param: `cause` in `/traces?cause=ID`. */
  readonly traceLists?: Readonly<Record<string, TraceList>>;
}

let views: ReadonlyMap<ViewName, ViewFacts> = new Map();
let registered: readonly PartViews[] = [];
/** How many need them: explorers, a page, a command. */
let users = 0;

/**
 * Says whose views have an address in this process. Whoever composes the explorer, the page or a command says it first. All that
 * reads or writes an address asks this one list, so there is no second one while somebody needs the first.
 * @returns to be called once: says that the caller needs them no longer
 * @throws Error for other views than those that somebody needs
 */
export function registerViews(doors: readonly { readonly part: PartViews }[]): () => void {
  const parts = doors.map(({ part }) => part);
  const next = new Map(parts.flatMap((part) => Object.entries(part.views ?? {}) as [ViewName, ViewFacts][]));
  const isOther = next.size !== views.size || [...next].some(([name, facts]) => views.get(name) !== facts);
  if (isOther && users > 0)
    throw new Error(`The views ${viewNames()} are in use; close their explorer first.`);
  registered = parts;
  views = next;
  users += 1;
  return () => {
    users -= 1;
  };
}

/** The views, in the order of the menu. */
export function viewNames(): readonly ViewName[] {
  return [...views.keys()];
}

/** The view at `/` where an address names no other. @throws Error when no part has a view */
export function firstView(): ViewName {
  const [first] = viewNames();
  if (first === undefined) throw new Error('No part with a view is in use.');
  return first;
}

/** What is known of a view; undefined when its part was left out. */
export function factsOf(view: ViewName): ViewFacts | undefined {
  return views.get(view);
}

/** The folder of the part that has a view; undefined when the part was left out. */
export function folderOf(view: string): string | undefined {
  return registered.find(({ views = {} }) => Object.hasOwn(views, view))?.name;
}

/** The view of a name that an address has. */
export function viewNamed(name: string): ViewName | undefined {
  return viewNames().find((view) => view === name);
}

/** The view at `/`; undefined when its part was left out. */
export function viewAtRoot(): ViewName | undefined {
  return viewNames().find((view) => factsOf(view)?.atRoot);
}

/** Lists of traces by the param that names them. */
export function traceLists(): Readonly<Record<string, TraceList>> {
  return Object.assign({}, ...registered.map(({ traceLists }) => traceLists));
}
