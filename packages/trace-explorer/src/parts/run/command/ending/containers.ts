import { networkInterfaces } from 'node:os';
import { basename } from 'node:path';
import { START } from '../../../../core/call.ts';

/** Programs that start containers, and their words for it. */
const PROGRAMS = /^(?:docker|docker-compose|podman|podman-compose|nerdctl)(?:\.exe)?$/;
const STARTS = /^(?:up|run|start)$/;
/** Longest time for an answer of this machine, in milliseconds. */
const TIMEOUT_MS = 1_000;

/** Whether a command starts containers: `docker compose up`. */
export function startsContainers(words: readonly string[]): boolean {
  // `podman-compose` is a script, so its name is the second word.
  return (
    words.slice(0, 2).some((word) => PROGRAMS.test(basename(word))) && words.some((word) => STARTS.test(word))
  );
}

/**
 * Why containers send nothing, with the lines for the compose file, and the address that the explorer has to listen on where
 * no container reaches it: on Linux `host.docker.internal` is not the loopback address, as it is in Docker Desktop.
 */
export async function containersAdvice(endpoint: string): Promise<string> {
  const { port } = new URL(endpoint);
  const url = `http://host.docker.internal:${port}`;
  const isLinux = process.platform === 'linux';
  const lines = [
    "Containers get none of this command's variables. Add to each service of the compose file:",
    `    environment: ["OTEL_EXPORTER_OTLP_ENDPOINT=${url}", OTEL_RESOURCE_ATTRIBUTES]`,
  ];
  if (isLinux) lines.push('    extra_hosts: ["host.docker.internal:host-gateway"]');
  if (isLinux && !(await isReached(port)))
    lines.push(
      `The explorer listens on 127.0.0.1, which no container reaches. Before the command, start one that listens on 0.0.0.0: ${START} --host 0.0.0.0. It warns you who else can reach it then.`,
    );
  return lines.join('\n');
}

/** Whether the explorer answers at an address of this machine that containers have. */
async function isReached(port: string): Promise<boolean> {
  const all = networkInterfaces();
  const addresses = [...(all.docker0 ?? []), ...Object.values(all).flatMap((each) => each ?? [])];
  const address = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  if (address === undefined) return false;
  return fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
    () => true,
    () => false,
  );
}
