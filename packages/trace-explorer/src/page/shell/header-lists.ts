// What the bar at the top opens is one file of the bundle.
import '../common.ts';

export { More } from './more.tsx';
export { TimeList } from './time-list.tsx';
