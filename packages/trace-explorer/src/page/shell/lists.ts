// These two views have the same parts and are small, so they share one file of the bundle.
import '../common.ts';

export { default as OverviewView } from '../views/overview/index.tsx';
export { default as TracesView } from '../views/traces/index.tsx';
