import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    overview: true;
  }
}

/**
 * Lets a pipeline fail when a trigger in Honeycomb's form fires, or one about findings or the score of the
 * telemetry. Agents read the same triggers. Without it these triggers wait for Honeycomb: nothing evaluates
 * them before a deploy.
 */
export const part: Part = { name: 'check', needs: ['verify'] };
