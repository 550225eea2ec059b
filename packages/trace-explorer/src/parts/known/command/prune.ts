import { CliError } from '../../../core/command/client/explorer-client.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { writableFile } from '../../../core/problems/file/find-file.ts';
import { harmlessLine } from '../../../lib/text/harmless-text.ts';
import { formatCount } from '../../../lib/text/words.ts';
import { unseenEntries } from '../../report/server/judged.ts';
import type { KnownCall } from './read-run.ts';
import { readFile, readRun } from './read-run.ts';
import { writeEntries } from './write-file.ts';

/** Removes the entries whose routes a run asked for without showing them. @throws CliError, and Error for a file with a fault */
export async function pruneKnown(asked: KnownCall): Promise<void> {
  const { options } = asked;
  if (options.run === undefined)
    throw new CliError('Name the run that no longer shows them: --run FILE. Nothing was removed.');
  const { path, name, entries, accepted } = await readFile(options);
  await writableFile(path, process.cwd());
  const { report, place } = await readRun(asked);
  if (report.run.weighted || report.truncated)
    throw new CliError(
      'The run has a part of its traces, which may lack a problem by chance. Nothing was removed.',
    );
  const unseen = unseenEntries(report, accepted, place);
  const gone = unseen.filter(({ asked }) => asked > 0).map(({ entry }) => entry);
  if (gone.length > 0)
    await writeEntries(
      path,
      entries.filter((entry) => !gone.includes(entry)),
    ).catch((error: unknown) => {
      throw fileProblem(name, error, 'written');
    });
  const lines = gone.map(({ rule, operation, sentence = `${rule} of ${operation}` }) => `  ${sentence}`);
  const rest = unseen.length - gone.length;
  const left = rest === 0 ? '' : ` Of ${formatCount(rest)} more the route was not asked.`;
  const what = `${formatCount(gone.length)} of ${formatCount(entries.length)} entries removed.${left}`;
  process.stdout.write(`${[`${name}: ${what}`, ...lines].map(harmlessLine).join('\n')}\n`);
}
