import { isQueue } from '../../guest/libraries.ts';

/** Where this package's sources are, when they are not in `node_modules`. */
const [OWN_SOURCES] = /(?<=^file:\/\/).*\/telemetry\/src\//.exec(import.meta.url) ?? [];

/** Whose code a file has: the app's, a pool's of connections, another package's, Node's, or somebody's who names no file. */
export type FileKind = 'app' | 'pool' | 'package' | 'node' | 'unknown';

/** Kinds by file. A process has few files that make calls; one that makes files for ever begins anew. */
const kinds = new Map<string, FileKind>();
const MOST_FILES = 5_000;

/** The kind of a frame's file. The app's files are outside of `node_modules`, of Node and of this package. */
export function fileKindOf(file: string): FileKind {
  const known = kinds.get(file);
  if (known !== undefined) return known;
  if (kinds.size === MOST_FILES) kinds.clear();
  const kind = lookAt(file);
  kinds.set(file, kind);
  return kind;
}

function lookAt(file: string): FileKind {
  if (isQueue(file)) return 'pool';
  if (/[\\/]node_modules[\\/]/.test(file)) return 'package';
  const isOwn = OWN_SOURCES !== undefined && file.replace(/^file:\/\//, '').startsWith(OWN_SOURCES);
  if (isOwn || file === '' || /^(?:node|wasm):/.test(file)) return 'node';
  return /^(?:file:\/\/|\/|[A-Za-z]:[\\/])/.test(file) ? 'app' : 'unknown';
}
