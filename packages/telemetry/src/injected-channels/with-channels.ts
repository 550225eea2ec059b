import { channel } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { LoadFnOutput } from 'node:module';
import { fileURLToPath } from 'node:url';
import { listenTo } from '../api/channels.ts';
import type { Logger } from '../delivery/logger.ts';
import { ownRequire } from '../settings/optional-package.ts';
import type { Library } from './libraries.ts';
import { TABLE } from './libraries.ts';
import { otherTracerOf } from './other-tracers.ts';

/** The used part of the transformer, which is loaded with the first file of the table. */
interface Transformer {
  create(configs: readonly object[]): {
    getTransformer(
      library: string,
      version: string,
      file: string,
    ): { transform(code: string, type: string): { readonly code: string } } | undefined;
  };
}

/** Names each library that has got channels: the explorer's `run` says so. */
const announced = channel('@tandem/telemetry:injected-channels');

/** Libraries about which a line was said. */
const told = new Set<string>();
const listening = new Set<string>();

/**
 * Gives the functions of a file their channels, and listens to them. A file that is not in the table, or looks otherwise, is
 * loaded as it is.
 *
 * @param stops takes how to stop listening
 */
export function withChannels(
  library: string,
  url: string,
  loaded: LoadFnOutput,
  log: Logger,
  stops: (() => void)[],
): LoadFnOutput {
  const row = TABLE[library];
  const [folder = '', file = ''] = splitAt(url, library);
  const functions = row?.files[file];
  if (row === undefined || functions === undefined || !loaded.source) return loaded;
  const leave = (reason: string) => {
    if (!told.has(library)) log.warn({}, `${library} has no spans: ${reason}`);
    told.add(library);
    return loaded;
  };
  const other = otherTracerOf();
  if (other !== undefined) return leave(`${other} traces it.`);
  const { version } = JSON.parse(readFileSync(fileURLToPath(`${folder}package.json`), 'utf8'));
  const code = inject(row, library, version, file, textOf(loaded.source), loaded.format);
  if (code === undefined)
    return leave(`telemetry knows the versions ${row.versions}, and ${version} is installed.`);
  if (!listening.has(library)) stops.push(listenTo(row.listeners));
  listening.add(library);
  announced.publish({ library });
  return { ...loaded, source: code };
}

/** The folder of a library, with the slash, and the path of the file in it. */
function splitAt(url: string, library: string): [folder: string, file: string] {
  const part = `/node_modules/${library}/`;
  const at = url.lastIndexOf(part) + part.length;
  return [url.slice(0, at), url.slice(at).replace(/[?#].*$/, '')];
}

function textOf(source: NonNullable<LoadFnOutput['source']>): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}

/**
 * The code with its channels; undefined for a version that is not in the table.
 *
 * @throws Error where the file has not all functions of the table
 */
function inject(
  { versions, files }: Library,
  library: string,
  version: string,
  file: string,
  code: string,
  format: unknown,
): string | undefined {
  const { create }: Transformer = ownRequire('@apm-js-collab/code-transformer');
  const module = { name: library, versionRange: versions, filePath: file };
  const functions = files[file] ?? [];
  const configs = functions.map(({ query, channel }) => ({
    channelName: channel,
    module,
    functionQuery: query,
  }));
  const transformed = create(configs)
    .getTransformer(library, version, file)
    ?.transform(code, format === 'module' ? 'esm' : 'cjs').code;
  const missing = functions.filter(({ channel }) => transformed?.includes(`:${channel}"`) === false);
  if (missing.length > 0)
    throw new Error(`${file} of ${library} ${version} has no function for ${missing[0]?.channel}`);
  return transformed;
}
