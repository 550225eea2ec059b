import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError } from '../../../core/command/client/explorer-client.ts';
import { askAbout } from '../../../core/command/files/run-file.ts';
import type { RunPlace } from '../../../core/command/files/run-place.ts';
import { placeOfRun } from '../../../core/command/files/run-place.ts';
import { lastRunHere } from '../../../core/command/last-run.ts';
import type { CommandContext } from '../../../core/door/node.ts';
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

/** A run with what was seen of its causes, and where it was. */
export interface KnownRun extends RunPlace {
  readonly report: RunReport;
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
    return { report, ...(await placeOfRun(from, report.run.id, kept)) };
  });
}
