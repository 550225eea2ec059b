import type { ViewName } from '../core/places/place.ts';
import type { ViewProps } from './browser/router.ts';
import { pageSettings } from './browser/settings.ts';
import type { Lazy } from './components/states/lazy.tsx';
import { lazy } from './components/states/lazy.tsx';

export interface ViewEntry {
  readonly title: string;
  /** Whether the view is absent from the navigation: other views link to it, or the two services are not there. */
  readonly hidden?: boolean;
  readonly View: Lazy<ViewProps>;
}

/** Every view of the page, in the order of the navigation. A view is loaded when it is first shown. */
export const views: Readonly<Record<ViewName, ViewEntry>> = {
  overview: { title: 'Overview', View: lazy(() => import('../parts/overview/page/index.tsx')) },
  query: { title: 'Query', View: lazy(() => import('../parts/query/page/index.tsx')) },
  traces: { title: 'Traces', View: lazy(() => import('../parts/traces/page/index.tsx')) },
  logs: { title: 'Logs', View: lazy(() => import('../parts/logs/page/index.tsx')) },
  map: { title: 'Map', View: lazy(() => import('../parts/map/page/index.tsx')) },
  try: {
    title: 'Try it',
    hidden: pageSettings.apiUrl === '',
    View: lazy(() => import('../parts/try/page/index.tsx')),
  },
  cause: { title: 'Cause', hidden: true, View: lazy(() => import('../parts/causes/page/index.tsx')) },
  verify: { title: 'Verify', View: lazy(() => import('../parts/verify/page/index.tsx')) },
  service: {
    title: 'Service',
    hidden: true,
    View: lazy(() => import('../parts/overview/page/index.tsx')),
  },
  conversation: {
    title: 'Conversation',
    hidden: true,
    View: lazy(() => import('../parts/agents/page/index.tsx')),
  },
  sampling: { title: 'Sampling', hidden: true, View: lazy(() => import('../parts/sampling/page/index.tsx')) },
  trace: { title: 'Trace', hidden: true, View: lazy(() => import('../parts/trace/page/index.tsx')) },
};
