import { relative } from 'node:path';
import type { Finding } from '@tandem/telemetry/doctor';
import type { Addresses } from '../addresses.ts';
import type { NeededPort } from '../check-ports.ts';
import { isFree, neededPorts } from '../check-ports.ts';
import { callOf, ROOT } from '../root.ts';
import type { PortHolder } from './port-holder.ts';
import { findPortHolder } from './port-holder.ts';

/** Longest time for the answer of a process that may not be ours, in milliseconds. */
const TIMEOUT_MS = 2_000;

const check = 'ports';

/**
 * Who holds the workspace's ports: its own processes, nobody, or somebody else.
 *
 * @param grpcPort of the explorer's OTLP/gRPC receiver; undefined when it is switched off
 */
export async function examinePorts(addresses: Addresses, grpcPort: number | undefined): Promise<Finding[]> {
  const needed = neededPorts(addresses, grpcPort);
  const twice = needed.find(({ port }, index) => needed.some((each, at) => at < index && each.port === port));
  if (twice !== undefined) {
    const what = `Port ${twice.port} is named for two processes, ${twice.process} among them.`;
    return [{ check, level: 'problem', what, fix: `Set ${twice.remedy}.` }];
  }
  const states = await Promise.all(needed.map(stateOf));
  const ours = new Set(states.flatMap(({ isOurs, holder }) => (isOurs && holder ? [holder.pid] : [])));
  const foreign = states.filter(
    ({ isFree, isOurs, holder }) => !isFree && !isOurs && !(holder !== undefined && ours.has(holder.pid)),
  );
  const free = states.filter((state) => state.isFree);
  const runs = states.some(({ isOurs }) => isOurs);
  return [...foreign.map((state) => describeForeign(state, runs)), ...summary(states, free, foreign)];
}

interface PortState extends NeededPort {
  readonly isFree: boolean;
  readonly isOurs: boolean;
  readonly holder: PortHolder | undefined;
}

async function stateOf(needed: NeededPort): Promise<PortState> {
  const { port, hasHealth } = needed;
  if (await isFree(port)) return { ...needed, isFree: true, isOurs: false, holder: undefined };
  const [holder, isHealthy] = await Promise.all([findPortHolder(port), hasHealth && answersHealth(port)]);
  const isOurs = isHealthy || (holder?.directory !== undefined && isInside(holder.directory));
  return { ...needed, isFree: false, isOurs, holder };
}

/** A process in a container has no folder here, but answers as ours do. */
async function answersHealth(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://localhost:${port}/health/live`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = (await response.json()) as { status?: unknown } | null;
    return response.ok && body?.status === 'ok';
  } catch {
    return false;
  }
}

function isInside(directory: string): boolean {
  return !/^\.\.(?:[\\/]|$)/.test(relative(ROOT, directory));
}

function describeForeign({ port, process: name, remedy, holder }: PortState, runs: boolean): Finding {
  const who =
    holder === undefined
      ? 'a process that this user cannot see, or a container'
      : `${holder.name} (process ${holder.pid}${holder.directory ? ` in ${holder.directory}` : ''})`;
  const others = { check, data: { port, ...(holder && { pid: holder.pid, name: holder.name }) } };
  // With the rest of it running, and nobody to be seen behind this port, it is the same container's.
  if (holder === undefined && runs)
    return { ...others, level: 'note', what: `Port ${port} is held by ${who}.` };
  return {
    ...others,
    level: 'problem',
    what: `Port ${port}, which ${name} needs, is held by ${who}.`,
    fix: `Stop ${holder === undefined ? 'it' : `process ${holder.pid}`}, or set ${remedy}.`,
  };
}

function summary(
  states: readonly PortState[],
  free: readonly PortState[],
  foreign: readonly PortState[],
): Finding[] {
  const list = (some: readonly PortState[]) =>
    some.map(({ port, process: name }) => `${port} (${name})`).join(', ');
  if (free.length === states.length) return [{ check, level: 'ok', what: `All are free: ${list(states)}.` }];
  if (foreign.length > 0) return [];
  if (free.length === 0) return [{ check, level: 'ok', what: `Tandem runs on ${list(states)}.` }];
  return [
    {
      check,
      level: 'warning',
      what: `Tandem runs in part: nobody listens on ${list(free)}.`,
      fix: `Stop what runs, then ${callOf('dev')}.`,
    },
  ];
}
