/** Tabs that are loaded together, when one of them is first shown. */
export { DurationsTab } from './durations-tab.tsx';
export { EventsTab } from './events-tab.tsx';
export { JsonTab } from './json-tab.tsx';
export { LinksTab } from './links-tab.tsx';
