import { LIBRARIES } from '../libraries.ts';

/**
 * The files of libraries that get channels, CommonJS and ES modules, by package and path: what Node loads is looked for in these
 * lists, and the table of `libraries.ts` is loaded with the first of them.
 */
export const LISTED_FILES: Readonly<Record<'commonjs' | 'modules', readonly string[]>> = {
  commonjs: pathsOf('files'),
  modules: pathsOf('modules'),
};

function pathsOf(kind: 'files' | 'modules'): string[] {
  return Object.entries(LIBRARIES).flatMap(([library, row]) =>
    (row[kind] ?? []).map((file) => `${library}/${file}`),
  );
}

/** The channel on which the last line of a file of ES modules says what the file exports. */
export const MODULE_LOADED = '@tandem/telemetry:module-loaded';
