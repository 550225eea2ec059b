import { relative } from 'node:path';
import type { Finding } from '@tandem/telemetry/doctor';
import type { Addresses } from '../addresses.ts';
import type { NeededPort } from '../check-ports.ts';
import { isFree, neededPorts } from '../check-ports.ts';
import { callOf, ROOT } from '../root.ts';
import type { PortHolder } from './port-holder.ts';
import { findPortHolder } from './port-holder.ts';

/** Milliseconds to wait for the answer of a process that may be foreign. */
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
  const inContainers = states.some(({ isOurs, isContainer }) => isOurs && isContainer);
  const isForeign = ({ isFree, isOurs, isContainer, holder }: PortState) =>
    !isFree && !isOurs && !(holder !== undefined && ours.has(holder.pid)) && !(isContainer && inContainers);
  const foreign = states.filter(isForeign);
  if (foreign.length > 0) return foreign.map(describeForeign);
  return [inContainers ? summaryOfContainers(states) : summary(states)];
}

interface PortState extends NeededPort {
  readonly isFree: boolean;
  readonly isOurs: boolean;
  /** Whether a container may listen: the holder forwards the port into one, or is invisible, as containers are. */
  readonly isContainer: boolean;
  readonly holder: PortHolder | undefined;
}

async function stateOf(needed: NeededPort): Promise<PortState> {
  const { port, hasHealth } = needed;
  if (await isFree(port))
    return { ...needed, isFree: true, isOurs: false, isContainer: false, holder: undefined };
  const [holder, isHealthy] = await Promise.all([findPortHolder(port), hasHealth && answersHealth(port)]);
  const isOurs = isHealthy || (holder?.directory !== undefined && isInside(holder.directory));
  return { ...needed, isFree: false, isOurs, isContainer: holder?.isContainer ?? true, holder };
}

/** A process in a container has no folder here, but it answers like one of ours. */
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

function describeForeign({ port, process: name, remedy, holder }: PortState): Finding {
  const { who, stop } = describeHolder(holder);
  return {
    check,
    level: 'problem',
    what: `Port ${port}, which ${name} needs, is held by ${who}.`,
    fix: `Stop ${stop}, or set ${remedy}.`,
    data: { port, ...(holder && { pid: holder.pid, name: holder.name }) },
  };
}

function describeHolder(holder: PortHolder | undefined): { who: string; stop: string } {
  if (holder === undefined) return { who: 'a process that this user cannot see, or a container', stop: 'it' };
  const { pid, name, directory, isContainer } = holder;
  if (isContainer) return { who: `a container (${name}, process ${pid})`, stop: 'it (docker ps names it)' };
  const folder = directory === undefined ? '' : ` in ${directory}`;
  return { who: `${name} (process ${pid}${folder})`, stop: `process ${pid}` };
}

function summary(states: readonly PortState[]): Finding {
  const free = states.filter(({ isFree }) => isFree);
  if (free.length === states.length) return { check, level: 'ok', what: `All are free: ${list(states)}.` };
  if (free.length === 0) return { check, level: 'ok', what: `Tandem runs on ${list(states)}.` };
  return {
    check,
    level: 'warning',
    what: `Tandem runs in part: nobody listens on ${list(free)}.`,
    fix: `Stop what runs, then ${callOf('dev')}.`,
  };
}

/** docker-compose.yml publishes no port of user-lookup, so a free port says nothing about user-lookup. */
function summaryOfContainers(states: readonly PortState[]): Finding {
  const used = states.filter(({ isFree }) => !isFree);
  const missing = states.filter(({ isFree, process: name }) => isFree && name !== 'user-lookup');
  const isSeen = states.some(({ holder }) => holder?.isContainer);
  const where = isSeen ? 'in containers' : 'in containers, or as another user';
  if (missing.length === 0) return { check, level: 'ok', what: `Tandem runs ${where}, on ${list(used)}.` };
  return {
    check,
    level: 'warning',
    what: `Tandem runs ${where}, in part: nobody listens on ${list(missing)}.`,
    fix: 'docker compose up -d; docker compose logs says why, if it does not stay.',
  };
}

function list(states: readonly PortState[]): string {
  return states.map(({ port, process: name }) => `${port} (${name})`).join(', ');
}
