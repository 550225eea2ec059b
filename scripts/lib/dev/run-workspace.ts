import { explorerAt } from '../../../packages/trace-explorer/src/core/command/client/explorer-client.ts';
import { nodeParts } from '../../../packages/trace-explorer/src/parts.node.ts';
import { stopWithLaunchers } from '../../../templates/pair/scripts/launchers.ts';
import type { Addresses } from '../addresses.ts';
import { grpcPortOf, readAddresses } from '../addresses.ts';
import { checkPorts } from '../check-ports.ts';
import { loadDotEnv } from '../dot-env.ts';
import { workspaceProcesses } from '../workspace.ts';
import { banner } from './banner.ts';
import { prettyLine } from './pretty-log.ts';
import { supervise } from './supervise.ts';

/**
 * Runs the explorer and both services until an interrupt, or until the launcher (`node tandem`, `pnpm`, `npx`) is gone.
 * Prints one banner when all are ready, and with `watch` each new cause once. Exits non-zero when one cannot start.
 */
export async function runWorkspace(options: { watch: boolean }): Promise<void> {
  const addresses = await readyAddresses();
  const parts = workspaceProcesses(addresses, process.env, options.watch);
  const supervisor = supervise(parts, (prefix, line) =>
    process.stdout.write(`${prefix}${prettyLine(line)}\n`),
  );

  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    await supervisor.stop();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
  stopWithLaunchers(() => stop(0));
  void supervisor.ended.then((code) => stop(code));

  try {
    const [text] = await Promise.all([banner(addresses, process.env), supervisor.ready]);
    process.stdout.write(text);
    if (options.watch) await sayNewCauses(addresses);
  } catch (error) {
    if (!stopping) process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    await stop(1);
  }
}

/** Says each new cause once, by whichever part knows them. */
async function sayNewCauses({ page }: Addresses): Promise<void> {
  const client = explorerAt(page.origin);
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
