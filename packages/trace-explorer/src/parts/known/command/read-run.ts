import { existsSync } from 'node:fs';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError } from '../../../core/command/client/explorer-client.ts';
import { askAbout } from '../../../core/command/files/run-file.ts';
import { lastRunHere } from '../../../core/command/last-run.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { placeOf } from '../../../core/problems/file/find-file.ts';
import type { KnownFile } from '../../../core/problems/file/known-file.ts';
import { readKnownFile } from '../../../core/problems/file/known-file.ts';
import { maskedIn } from '../../../core/redaction/masked.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import type { RunReport } from '../../report/server/schemas.ts';

/** What the options of the command say. */
export interface KnownOptions {
  readonly run?: string | undefined;
  readonly by?: string | undefined;
  readonly why?: string | undefined;
  readonly until?: string | undefined;
  readonly known?: string | undefined;
}

/** What a command is asked. */
export interface KnownCall {
  readonly context: CommandContext;
  readonly client: ExplorerClient;
  readonly options: KnownOptions;
}

/** The file of the command's folder. @throws Error in one line, for a file with a fault */
export function readFile({ known }: KnownOptions): Promise<KnownFile> {
  return readKnownFile(process.cwd(), known);
}

/** A run with what was seen of its causes, and where its folder is in its repository; undefined where nobody knows. */
export interface KnownRun {
  readonly report: RunReport;
  readonly place: string | undefined;
}

/** The run that is asked about: a file, a stored run, or the last one of this folder. @throws CliError where there is none */
export async function readRun({ context, client, options }: KnownCall): Promise<KnownRun> {
  const named = options.run ?? lastRunHere()?.id;
  if (named === undefined)
    throw new CliError(
      `No run began in this folder. Begin one: ${CALL} run -- COMMAND. Or name a run: --run FILE.`,
    );
  return askAbout(context.withFiles, client, [named], async (from, [run], [kept]) => {
    const answer = await from.ask<RunReport>(`/api/report?${searchOf({ run, sightings: true })}`);
    const report = maskedIn(answer); // the file goes into the repository
    return { report, place: kept === undefined ? await placeOfStored(from, report.run.id) : kept.place };
  });
}

async function placeOfStored(client: ExplorerClient, run: string): Promise<string | undefined> {
  const { folder } = await client.ask<{ folder?: string }>(`/api/code-folder?${searchOf({ run })}`);
  return folder !== undefined && existsSync(folder) ? placeOf(folder) : undefined;
}
