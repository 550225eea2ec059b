import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError } from '../../../core/command/client/explorer-client.ts';
import { askAbout } from '../../../core/command/files/run-file.ts';
import { lastRunHere } from '../../../core/command/last-run.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import type { Accepted, AcceptedEntry } from '../../../core/runs/accepted.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import type { RunReport } from '../../report/server/schemas.ts';
import { acceptedOf } from '../file/accepted.ts';
import { dayOf } from '../file/entries.ts';
import { fileOf, placeOf } from '../file/find-file.ts';
import { readEntries } from '../file/read-file.ts';

/** What the options of the command say. */
export interface KnownOptions {
  readonly run?: string | undefined;
  readonly by?: string | undefined;
  readonly why?: string | undefined;
  readonly until?: string | undefined;
  readonly known?: string | undefined;
}

/** What a command is asked. */
export interface Asked {
  readonly context: CommandContext;
  readonly client: ExplorerClient;
  readonly options: KnownOptions;
}

/** The file of the command's folder. */
export interface KnownFile {
  readonly path: string;
  /** For people. */
  readonly name: string;
  readonly entries: readonly AcceptedEntry[];
  /** Whether it is there. */
  readonly isThere: boolean;
  readonly accepted: Accepted;
}

/** @throws Error in one line, for a file with a fault */
export async function readFile({ known }: KnownOptions): Promise<KnownFile> {
  const folder = process.cwd();
  const path = known === undefined ? fileOf(folder) : resolve(folder, known);
  const name = relative(folder, path) || path;
  const entries = await readEntries(path, name);
  const accepted = acceptedOf(name, entries ?? [], dayOf(new Date()));
  return { path, name, entries: entries ?? [], isThere: entries !== undefined, accepted };
}

/** A run with what was seen of its causes, and where its folder is in its repository; undefined where nobody knows. */
export interface KnownRun {
  readonly report: RunReport;
  readonly place: string | undefined;
}

/** The run that is asked about: a file, a stored run, or the last one of this folder. @throws CliError where there is none */
export async function readRun({ context, client, options }: Asked): Promise<KnownRun> {
  const named = options.run ?? lastRunHere()?.id;
  if (named === undefined)
    throw new CliError(
      `No run began in this folder. Begin one: ${CALL} run -- COMMAND. Or name a run: --run FILE.`,
    );
  return askAbout(context.withFiles, client, [named], async (from, [run], [kept]) => {
    const report = await from.ask<RunReport>(`/api/report?${searchOf({ run, sightings: true })}`);
    return { report, place: kept === undefined ? await placeOfStored(from, report.run.id) : kept.place };
  });
}

async function placeOfStored(client: ExplorerClient, run: string): Promise<string | undefined> {
  const { folder } = await client.ask<{ folder?: string }>(`/api/code-folder?${searchOf({ run })}`);
  return folder !== undefined && existsSync(folder) ? placeOf(folder) : undefined;
}
