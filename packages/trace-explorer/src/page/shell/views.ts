import type { ViewName } from '../../places/place.ts';
import type { ViewProps } from '../browser/router.ts';
import { pageSettings } from '../browser/settings.ts';
import type { Lazy } from '../components/states/lazy.tsx';
import { lazy } from '../components/states/lazy.tsx';

export interface ViewEntry {
  readonly title: string;
  /** Whether the view is absent from the navigation: other views link to it, or the two services are not there. */
  readonly hidden?: boolean;
  readonly View: Lazy<ViewProps>;
}

/** Every view of the page, in the order of the navigation. A view is loaded when it is first shown. */
export const views: Readonly<Record<ViewName, ViewEntry>> = {
  overview: { title: 'Overview', View: lazy(() => import('../views/overview/index.tsx')) },
  query: { title: 'Query', View: lazy(() => import('../views/query/index.tsx')) },
  traces: { title: 'Traces', View: lazy(() => import('../views/traces/index.tsx')) },
  logs: { title: 'Logs', View: lazy(() => import('../views/logs/index.tsx')) },
  map: { title: 'Map', View: lazy(() => import('../views/map/index.tsx')) },
  try: {
    title: 'Try it',
    hidden: pageSettings.apiUrl === '',
    View: lazy(() => import('../views/try/index.tsx')),
  },
  cause: { title: 'Cause', hidden: true, View: lazy(() => import('../views/cause/index.tsx')) },
  verify: { title: 'Verify', View: lazy(() => import('../views/verify/index.tsx')) },
  service: { title: 'Service', hidden: true, View: lazy(() => import('../views/service/index.tsx')) },
  conversation: {
    title: 'Conversation',
    hidden: true,
    View: lazy(() => import('../views/conversation/index.tsx')),
  },
  sampling: { title: 'Sampling', hidden: true, View: lazy(() => import('../views/sampling/index.tsx')) },
  trace: { title: 'Trace', hidden: true, View: lazy(() => import('../views/trace/index.tsx')) },
};
