import { findSourceMap } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { statusOf } from '../files.ts';
import { isBelow, mainFolder } from '../project.ts';
import { pathOf } from './known-files.ts';
import { isMapReadable } from './map-size.ts';

/** webpack names a source by its package, and by its path from the folder of the build. */
const WEBPACK = /^webpack:\/\/[^/]*\/(?:\.\/)?([^?]+)/;

/** The place in the source by a map of Node; undefined without a map, where the map is large, or the source is no file. */
export function sourceOf(
  path: string,
  line: number,
  column: number,
): { file: string; line: number } | undefined {
  if (!process.sourceMapsEnabled || !isMapReadable(path)) return undefined;
  const { originalSource = '', originalLine } = Object(findSourceMap(path)?.findEntry(line - 1, column - 1));
  if (originalLine === undefined) return undefined;
  const file = pathOf(originalSource);
  const found = isAbsolute(file) ? file : sourceOfWebpack(originalSource, dirname(path));
  return found === undefined ? undefined : { file: found, line: originalLine + 1 };
}

/**
 * The file of a source of webpack: of the nearest package above a folder that has it, where builds begin.
 * @param folder of the bundle; by default of the main script
 */
export function sourceOfWebpack(source: string, folder = mainFolder()): string | undefined {
  const [, path = ''] = WEBPACK.exec(source) ?? [];
  if (path === '' || folder === undefined) return undefined;
  for (let at = folder; dirname(at) !== at; at = dirname(at)) {
    const file = join(at, path);
    if (!isBelow(at, file)) return undefined;
    if (statusOf(join(at, 'package.json')) && statusOf(file)) return file;
  }
  return undefined;
}
