import type { DriverLibrary } from '@tandem/telemetry/workspace/libraries';
import { LIBRARIES } from '@tandem/telemetry/workspace/libraries';
import { counted, quoted } from '../../../../lib/text/words.ts';
import { isStarter } from '../starters.ts';
import type { Seen, Use } from '../watch.ts';
import { fileOf } from './uses.ts';

/** The lines about libraries with spans for a part of their work. */
const IN_PART: Readonly<Partial<Record<Use, string>>> = {
  grpc: 'gRPC has spans of HTTP/2, which do not know the status of a call.',
  'http2-client':
    'Requests of node:http2 have spans, but do not carry the trace: Node lets no listener add a header.',
};

/** Said once: at the start where the shell has the key, else at the end, where a process has it of a file of its own. */
export const NOT_TO_HONEYCOMB =
  'HONEYCOMB_API_KEY is set, but nothing goes to Honeycomb. To send the traces there too, use run --honeycomb.';

/** Servers whose drivers publish their commands in their newer versions → the systems that spans of these name. */
const PUBLISHED = Object.values(LIBRARIES).filter(
  ({ server, commands }) => server !== undefined && commands !== undefined,
);

/** Characters of the reason why a process was not traced: our own sentence with what to do, or an error's message. */
const LONGEST_REASON = 400;

/** Whether anything was said of a driver that only its spans can answer. */
export function asksForSpans(seen: readonly Seen[]): boolean {
  return seen.some(({ use }) => use === 'driver' || use === 'injected-driver' || use === 'connection');
}

/**
 * A line for each driver and process that has no spans, or spans for a part of its work.
 * @param systems the databases and queues that spans of the run name; undefined where none came, so that a driver without tells nothing
 */
export function notesOf(
  seen: readonly Seen[],
  env: NodeJS.ProcessEnv,
  systems: ReadonlySet<string> | undefined,
): string[] {
  const dialects = new Set(seen.filter(({ use }) => use === 'traced-dialect').map(({ pid }) => pid));
  const processesOf = (wanted: Use) =>
    new Set(seen.filter(({ use }) => use === wanted).map(({ pid, name }) => `${pid} ${name}`));
  const injected = processesOf('injected-driver');
  const left = processesOf('untraced-copy');
  const hasSpans = (row: DriverLibrary | undefined) => row?.systems?.some((system) => systems?.has(system));
  const isSilent = (name: string) => systems !== undefined && hasSpans(LIBRARIES[name]) === false;
  const notes = seen.flatMap(({ pid, use, name = '', file, reason = '' }: Seen) => {
    if (use === 'driver') return isSilent(name) ? [`${name} was traced, and no statement was seen.`] : [];
    const ofProcess = `${pid} ${LIBRARIES[name]?.inner ?? name}`;
    if (use === 'injected-driver' && !left.has(ofProcess))
      return isSilent(name) ? [`${name} was given its channels, and no statement was seen.`] : [];
    if (use === 'untraced-copy')
      return [
        injected.has(ofProcess)
          ? `One copy of ${name} has its spans by run, and another one has none: ${reason}`
          : `${name} has no spans: ${reason}`,
      ];
    if (
      use === 'untraced-driver' &&
      ![dialects.has(pid), injected.has(ofProcess), left.has(ofProcess)].includes(true)
    )
      return [`${name} has no spans: it publishes nothing, and telemetry gave it no channels.`];
    if (use === 'connection')
      return PUBLISHED.some((row) => name.startsWith(`${row.server?.[1]} (`) && hasSpans(row))
        ? []
        : [`Calls of ${quoted(name)} have no spans: the driver publishes nothing, or is in a bundle.`];
    const inPart = IN_PART[use];
    if (inPart !== undefined) return [inPart];
    if (use === 'untold-tests')
      return [`Tests are not traces on Node ${name}: its node:test reports none. Node 24.16 and 26.1 do.`];
    if (use === 'late-name')
      return [
        `${fileOf(file)} got OTEL_SERVICE_NAME=${quoted(name)} after its start, when its spans had a name already. Set it before: node --env-file=.env.`,
      ];
    if (use === 'restricted')
      return [
        `${fileOf(file)} ran with --permission, so telemetry could keep nothing on disk: spans that had not been sent when it ended are missing. With --allow-fs-write=* they are there.`,
      ];
    if (use === 'unseen-request')
      return [
        `${fileOf(file)} answered requests that it made itself, as an adapter for functions does: run did not see them. Behind such an adapter Express is traced; other apps are with a server of their own.`,
      ];
    if (use === 'key' && !env.HONEYCOMB_API_KEY) return [NOT_TO_HONEYCOMB];
    return untracedNote({ use, name, file });
  });
  return [...new Set(notes), ...lossesOf(seen)];
}

/** A line for each process and kind of item that it lost. */
function lossesOf(seen: readonly Seen[]): string[] {
  const losses = new Map<string, { readonly seen: Seen; items: number; isFull: boolean }>();
  for (const each of seen.filter(({ use }) => use === 'lost')) {
    const [items = '', reason] = (each.reason ?? '').split(' ');
    const key = `${each.pid} ${each.name}`;
    const loss = losses.get(key) ?? { seen: each, items: 0, isFull: false };
    loss.items += Number(items);
    loss.isFull ||= reason === 'queue_full';
    losses.set(key, loss);
  }
  return [...losses.values()].map(({ seen: { file, name = '' }, items, isFull }) => {
    const why = isFull
      ? ': more came at once than can wait in memory. OTEL_BSP_MAX_QUEUE_SIZE sets how many'
      : '';
    return `${fileOf(file)} lost ${counted(items, name)}${why}.`;
  });
}

/** Says of a process that it was not traced, and why. */
export function untracedNote({ use, name = '', file }: Pick<Seen, 'use' | 'name' | 'file'>): string[] {
  const isNamed = use === 'untraced' && !isStarter(file);
  return isNamed ? [`${fileOf(file)} was not traced: ${quoted(name, LONGEST_REASON)}.`] : [];
}
