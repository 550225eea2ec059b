import type { ComponentType } from 'preact';
import type { Place, ViewName } from '../../places/place.ts';
import { track } from '../under-way.ts';

export interface ViewProps {
  readonly place: Place;
}

export interface ViewEntry {
  readonly title: string;
  /** Left out of the navigation: reached from other views. */
  readonly hidden?: boolean;
  readonly load: () => Promise<{ default: ComponentType<ViewProps> }>;
}

const lists = () => import('../views/lists.ts');

/** Every view of the page, in the order of the navigation; each is loaded when it is first shown. What is loaded imports `common.ts`. */
export const views: Readonly<Record<ViewName, ViewEntry>> = {
  overview: { title: 'Overview', load: async () => ({ default: (await lists()).OverviewView }) },
  query: { title: 'Query', load: () => import('../views/query/index.tsx') },
  traces: { title: 'Traces', load: async () => ({ default: (await lists()).TracesView }) },
  logs: { title: 'Logs', load: () => import('../views/logs/index.tsx') },
  live: { title: 'Live', load: async () => ({ default: (await lists()).LiveView }) },
  map: { title: 'Map', load: async () => ({ default: (await lists()).MapView }) },
  try: { title: 'Try it', load: () => import('../views/try/index.tsx') },
  trace: { title: 'Trace', hidden: true, load: () => import('../views/trace/index.tsx') },
};

const loaded = new Map<ViewName, ComponentType<ViewProps>>();

/** The component of a view; undefined when it has not been loaded. */
export function loadedView(name: ViewName): ComponentType<ViewProps> | undefined {
  return loaded.get(name);
}

/** Loads a view, unless it is loaded already. @throws TypeError when the explorer does not answer */
export async function loadView(name: ViewName): Promise<void> {
  if (loaded.has(name)) return;
  const module = await track(views[name].load());
  loaded.set(name, module.default);
}
