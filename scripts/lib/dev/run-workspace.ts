import { ExplorerClient } from '../../../packages/trace-explorer/src/core/command/client/explorer-client.ts';
import type {} from '../../../packages/trace-explorer/src/core/command/live-causes.ts';
import { nodeParts } from '../../../packages/trace-explorer/src/parts.node.ts';
import type { Addresses } from '../addresses.ts';
import { grpcPortOf, localUrl, readAddresses } from '../addresses.ts';
import { checkPorts } from '../check-ports.ts';
import { loadDotEnv, readDotEnv } from '../dot-env.ts';
import { readableLine } from '../processes/readable-line.ts';
import { runParts } from '../processes/run-parts.ts';
import { workspaceProcesses } from '../workspace.ts';
import { banner } from './banner.ts';

/**
 * Runs the explorer and both services as `runParts` does. Prints one banner when all are ready, and with `watch` each new
 * cause once.
 */
export async function runWorkspace({ watch }: { watch: boolean }): Promise<void> {
  const addresses = await readyAddresses();
  const parts = workspaceProcesses(addresses, process.env, watch);
  await runParts(parts, banner(addresses, process.env, readDotEnv()), readableLine);
  if (watch) await sayNewCauses(addresses);
}

/** Says each new cause once, by whichever part knows them. */
async function sayNewCauses(addresses: Addresses): Promise<void> {
  const client = new ExplorerClient(localUrl(addresses, 'page'), process.env.EXPLORER_TOKEN || undefined);
  const live = await Promise.all(nodeParts.map((each) => each.liveCauses?.()));
  for (const begin of live) begin?.(client, undefined, (line) => process.stderr.write(`${line}\n`));
}

/** Addresses whose ports are free; ends the process with one line when they are not. */
async function readyAddresses(): Promise<Addresses> {
  try {
    loadDotEnv();
    const addresses = readAddresses(process.env);
    await checkPorts(addresses, grpcPortOf(process.env));
    return addresses;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
