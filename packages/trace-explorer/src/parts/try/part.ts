import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    try: true;
  }
}

/** Who sends spans of the view. Whoever sees others has no need of an example. */
const OWN: ReadonlySet<string> = new Set(['web', 'activities-api', 'user-lookup']);

/**
 * Sends requests to the pair from the page and shows their traces, for whoever meets it for the first time: *Try it*.
 * Its buttons are the requests and faults that the pair's own description has. Without it the first trace needs a
 * terminal.
 */
export const part: Part = {
  name: 'try',
  needs: ['trace', 'web-tracing'],
  views: {
    try: {
      title: 'Try it',
      inMenu: ({ apiUrl }, services) => apiUrl !== '' && services.every((name) => OWN.has(name)),
    },
  },
};
