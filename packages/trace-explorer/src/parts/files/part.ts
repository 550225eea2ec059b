import type { Part } from '../../core/door/part.ts';

/**
 * Takes stored traces to other tools and brings them back: `export` writes OTLP JSON or Parquet, with values
 * redacted where asked, and `import` stores files. Without it the terminal neither reads nor writes such files;
 * the page still imports and saves a trace.
 */
export const part: Part = { name: 'files' };
