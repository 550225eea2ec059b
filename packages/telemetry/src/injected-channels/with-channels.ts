import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listenTo } from '../api/channels.ts';
import type { Logger } from '../delivery/logger.ts';
import { ownRequire } from '../settings/optional-package.ts';
import { announced } from './call.ts';
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

/** What a source has that got channels here already: the prefix of the names of channels. */
const MARK = ':tandem_';

/** Libraries about which a line was said. */
const told = new Set<string>();
const listening = new Set<string>();
const changedFiles = new Set<string>();

/** A file of a library that Node loads. */
interface Loading {
  readonly library: string;
  /** URL or path. */
  readonly url: string;
  readonly source: string;
  /** As Node's hooks have it. */
  readonly format: string;
  readonly log: Logger;
  /** Takes how to stop listening. */
  readonly stops: (() => void)[];
  /** Called when all files of the library that the table names are loaded. */
  done(): void;
}

/**
 * The source of a file whose functions have channels, to which telemetry listens now. Undefined for a file that is not in the
 * table.
 *
 * @throws Error for a file that looks otherwise than the table says
 */
export function withChannels(loading: Loading): string | undefined {
  const { library, url, source, format, log, stops, done } = loading;
  const row = TABLE[library];
  const [folder, file] = splitAt(url, library);
  if (row?.files[file] === undefined || source.includes(MARK)) return undefined;
  const leave = (reason: string) => {
    if (!told.has(library)) log.warn({}, `${library} has no spans: ${reason}`);
    told.add(library);
    done();
    return undefined;
  };
  const other = otherTracerOf(row.tracedBy);
  if (other !== undefined) return leave(`${other} traces it.`);
  const { version } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
  const changed = inject(row, library, version, file, source, format);
  if (changed === undefined)
    return leave(`telemetry knows the versions ${row.versions}, and ${version} is installed.`);
  changedFiles.add(folder + file);
  const beside = Object.keys(row.files).filter((each) => dirname(each) === dirname(file));
  if (beside.every((each) => changedFiles.has(folder + each))) done();
  if (!listening.has(library)) {
    listening.add(library);
    stops.push(listenTo(row.listeners as never), () => listening.delete(library));
  }
  announced.publish({ library });
  return changed;
}

/** The folder of a library, with the slash, and the path of the file in it. */
function splitAt(url: string, library: string): [folder: string, file: string] {
  const path = url.startsWith('file:') ? fileURLToPath(url).replaceAll('\\', '/') : url;
  const part = `/node_modules/${library}/`;
  const at = path.lastIndexOf(part) + part.length;
  return [path.slice(0, at), path.slice(at)];
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
  format: string,
): string | undefined {
  const { create }: Transformer = ownRequire('@apm-js-collab/code-transformer');
  const module = { name: library, versionRange: versions, filePath: file };
  const functions = files[file] ?? [];
  const configs = functions.map(({ query, selector, channel }) => ({
    channelName: channel,
    ...(selector !== undefined && { astQuery: selector }),
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
