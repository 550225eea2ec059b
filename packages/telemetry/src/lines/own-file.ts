/** Where this package's sources are, when they are not in `node_modules`. */
const [OWN_SOURCES] = /^.*\/telemetry\/src\//.exec(import.meta.url) ?? [];
const OWN_FOLDER = OWN_SOURCES?.replace(/^file:\/\//, '');

/** Answers by file. A process has few files that make calls; a process that makes files for ever begins anew. */
const answers = new Map<string, boolean>();
const MOST_FILES = 5_000;

/** Whether a frame's file is the app's: outside of `node_modules`, of Node and of this package. */
export function isAppFile(file: string | null | undefined): file is string {
  if (file == null || file === '') return false;
  const known = answers.get(file);
  if (known !== undefined) return known;
  const isFile = file.startsWith('file://') || file.startsWith('/') || /^[A-Za-z]:[\\/]/.test(file);
  const isOwn = OWN_FOLDER !== undefined && file.replace(/^file:\/\//, '').startsWith(OWN_FOLDER);
  const answer = isFile && !isOwn && !/[\\/]node_modules[\\/]/.test(file);
  if (answers.size === MOST_FILES) answers.clear();
  answers.set(file, answer);
  return answer;
}
