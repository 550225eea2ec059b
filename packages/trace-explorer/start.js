#!/usr/bin/env node
// The command `trace-explorer` in a clone: starts a build of the sources, or the sources where there is no place for one.
// Plain JavaScript, so that Node need not load what reads TypeScript.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { built } from './built.js';

const folder = await built();
if (folder === undefined) await import('./src/main.ts');
else {
  nameSources(pathToFileURL(folder).href);
  await import(pathToFileURL(join(folder, 'main.mjs')).href);
}

/** Stacks name the files and lines of the sources. A map is read when a stack needs it: at each start it would take a tenth. */
function nameSources(folder) {
  const maps = new Map();
  const mapOf = (file) => {
    if (!maps.has(file))
      maps.set(file, new SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), 'utf8'))));
    return maps.get(file);
  };
  const named = (place, file, line, column) => {
    try {
      const { originalSource, originalLine, originalColumn } = mapOf(file).findEntry(line - 1, column - 1);
      return `${new URL(originalSource, file)}:${originalLine + 1}:${originalColumn + 1}`;
    } catch {
      return place;
    }
  };
  Error.prepareStackTrace = (error, frames) =>
    [error, ...frames]
      .join('\n    at ')
      .replace(/(file:[^\s()]+\.mjs):(\d+):(\d+)/g, (place, file, line, column) =>
        file.startsWith(folder) ? named(place, file, line, column) : place,
      );
}
