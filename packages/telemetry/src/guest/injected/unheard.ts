import { leftToHost } from '../../beside/leave-to-host.ts';
import { LIBRARIES, libraryOf } from '../libraries.ts';

const ALL_INSTRUMENTATIONS = '@opentelemetry/auto-instrumentations-node';

/** The libraries that publish nothing, and get no channels. */
const UNHEARD: ReadonlySet<string> = new Set(
  Object.entries(LIBRARIES).flatMap(([name, { commands, files, modules }]) =>
    name.startsWith('node:') || commands !== undefined || files !== undefined || modules !== undefined
      ? []
      : [name],
  ),
);

/** Why such a library has no spans, and what to do. */
function describeUnheard(library: string): string {
  const { inner, instrumentation } = LIBRARIES[library] ?? {};
  const without = `${library} has no spans: it publishes nothing that they could be made of.`;
  if (instrumentation !== undefined)
    return `${without} Give ${instrumentation} to registerTelemetry(), which makes them.`;
  return inner === undefined ? without : `${without} What it asks ${inner} has spans of ${inner}.`;
}

/** The same of each library in a service's dependencies, unless what makes its spans is there, too. */
export function describeUnheardOf(dependencies: object): string[] {
  const isTraced = (instrumentation: string | undefined) =>
    instrumentation !== undefined &&
    [instrumentation, ALL_INSTRUMENTATIONS].some((each) => Object.hasOwn(dependencies, each));
  return Object.keys(dependencies)
    .filter((name) => UNHEARD.has(name) && !isTraced(LIBRARIES[name]?.instrumentation))
    .map(describeUnheard);
}

/**
 * Names each library without spans once, when its first file is looked for: neither one that the host traces by itself, nor one
 * whose caller has the spans.
 *
 * @returns what is told each file that Node looks for, by its installed path
 */
export function nameUnheard(say: (line: string) => void): (path: string) => void {
  const seen = new Set<string>();
  return (path) => {
    const library = libraryOf(path);
    if (seen.has(library) || !Object.hasOwn(LIBRARIES, library)) return;
    seen.add(library);
    const { inner, instrumentation = '' } = LIBRARIES[library] ?? {};
    if (!UNHEARD.has(library)) seen.add(inner ?? library);
    else if (!leftToHost.has(instrumentation)) say(describeUnheard(library));
  };
}
