import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    try: true;
  }
}

/** Requests to the two services from the page, each with its trace: *Try it*. */
export const part: Part = {
  name: 'try',
  needs: ['trace', 'web-tracing'],
  views: { try: { title: 'Try it', inMenu: ({ apiUrl }) => apiUrl !== '' } },
};
