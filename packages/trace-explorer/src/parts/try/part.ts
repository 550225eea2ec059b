import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    try: true;
  }
}

/**
 * Sends requests to the two services from the page and shows their traces, for whoever meets the pair for the
 * first time: *Try it*. Without it the first trace needs a terminal.
 */
export const part: Part = {
  name: 'try',
  needs: ['trace', 'web-tracing'],
  views: { try: { title: 'Try it', inMenu: ({ apiUrl }) => apiUrl !== '' } },
};
