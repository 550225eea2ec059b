import { lazy } from '../components/states/lazy.tsx';

/** What a view shows before the first span. Views with spans do not need its code. */
export const StartPage = lazy(() => import('./start-page.tsx'));
