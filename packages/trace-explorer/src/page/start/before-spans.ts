import type { Status } from '../../core/status.ts';
import { lazy } from '../components/states/lazy.tsx';

// Views with spans do not need this code.

/** What a view shows before the first span. */
export const StartPage = lazy(() => import('./start-page.tsx'));

/** What a view shows where it found nothing of its time: what the store has of others, or how to send a first span. */
export const NothingInTime = lazy(() => import('./nothing-in-time.tsx'));

/** Whether the store has had no span and no log record yet. */
export function isBeforeSpans({ spans, logs }: Pick<Status, 'spans' | 'logs'>): boolean {
  return spans + logs === 0;
}
