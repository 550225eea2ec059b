import type { Part } from '../../core/door/part.ts';

/**
 * Lets a project with old problems switch its gate on: reads which ones a repository has accepted in `tandem-known.json`, by whom and
 * until when, and writes that file. Without it every problem counts as unknown.
 */
export const part: Part = { name: 'known', needs: ['causes', 'report'] };
