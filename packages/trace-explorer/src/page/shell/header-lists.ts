// What the bar at the top opens is one file of the bundle.
export { More } from './more.tsx';
export { TimeList } from './time-list.tsx';
