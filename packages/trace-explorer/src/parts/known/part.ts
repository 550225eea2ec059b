import type { Part } from '../../core/door/part.ts';

/**
 * Lets a project with old problems switch its gate on: lists which ones a repository has accepted in `tandem-known.json`, by whom and
 * until when, adds to that file and prunes it. Without it somebody writes the file by hand.
 */
export const part: Part = { name: 'known', needs: ['report'] };
