import type { Part } from '../../core/door/part.ts';
import type {} from '../../core/page-server/part-script.ts';

/**
 * Saves a trace as one HTML file, with values redacted where asked, for a colleague who has no explorer.
 * Without it a trace leaves as JSON, which only a tool can show.
 */
export const part: Part = {
  name: 'saved-trace',
  needs: ['agents', 'trace'],
  script: 'main.tsx',
};
