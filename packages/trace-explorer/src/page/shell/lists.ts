// Views of the same parts share one file of the bundle: each of them is only 2 to 4 KB.
import '../common.ts';

export { default as MapView } from '../views/map/index.tsx';
export { default as OverviewView } from '../views/overview/index.tsx';
export { default as TracesView } from '../views/traces/index.tsx';
