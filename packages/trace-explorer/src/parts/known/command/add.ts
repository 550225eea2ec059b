import { execFileSync } from 'node:child_process';
import { CliError } from '../../../core/command/client/explorer-client.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import type { Fingerprint } from '../../../core/problems/file/accepted.ts';
import { comparedKey } from '../../../core/problems/file/accepted.ts';
import { inRepository } from '../../../core/problems/file/accepted-of.ts';
import { dayOf, haveOneFile, isDay, isEnded, MOST_ENTRIES } from '../../../core/problems/file/entries.ts';
import { writableFile } from '../../../core/problems/file/find-file.ts';
import { withOwnFiles } from '../../../core/problems/file/own-files.ts';
import { shortId } from '../../../core/problems/file/short-id.ts';
import { isGated } from '../../../core/problems/judge.ts';
import { harmlessLine } from '../../../lib/text/harmless-text.ts';
import { counted, formatCount } from '../../../lib/text/words.ts';
import type { ReportedProblem } from '../../report/server/compare/change.ts';
import type { KnownCall, KnownOptions } from './read-run.ts';
import { readFile, readRun } from './read-run.ts';
import type { Acceptor } from './write-file.ts';
import { entriesFor, withEntries, writeEntries } from './write-file.ts';

/** All causes that would fail the gate. */
const ALL = 'all';
/** Ids that an error names. */
const MOST_NAMED = 20;

/** Accepts a cause of a run, or all of them. @throws CliError, and Error for a file with a fault */
export async function addKnown(asked: KnownCall, id: string): Promise<void> {
  const acceptor = acceptorOf(asked.options);
  const file = await readFile(asked.options);
  await writableFile(file.path, process.cwd());
  const { report, place, folder } = await readRun(asked);
  const wanted = report.causes.filter((cause) => (id === ALL ? isGated(cause) : isCalled(cause, id)));
  if (wanted.length === 0 && id !== ALL) throw notThere(report.causes, id);
  const kinds = wanted
    .flatMap(({ sightings = [] }) => sightings)
    .filter(({ weak }) => !weak)
    .map((kind) => inRepository(withOwnFiles(kind, folder), place));
  // What has ended is accepted anew.
  const kept = file.entries.filter(
    (entry) => !isEnded(entry, acceptor.since) || !kinds.some((kind) => isOf(kind, entry)),
  );
  const added = entriesFor(kinds, kept, acceptor);
  const all = withEntries(kept, added);
  if (all.length > MOST_ENTRIES)
    throw new CliError(
      `${file.name} would have ${formatCount(all.length)} entries; at most ${formatCount(MOST_ENTRIES)} are read.`,
    );
  if (added.length > 0)
    await writeEntries(file.path, all).catch((error: unknown) => {
      throw fileProblem(file.name, error, 'written');
    });
  process.stdout.write(
    `${harmlessLine(addedText(added.length, file.name, id === ALL ? report.causes : []))}\n`,
  );
}

/** Whether two sightings are one. */
function isOf(kind: Fingerprint, entry: Fingerprint): boolean {
  return comparedKey(kind) === comparedKey(entry) && haveOneFile(kind, entry);
}

function isCalled({ id }: ReportedProblem, wanted: string): boolean {
  return id === wanted || shortId(id) === wanted;
}

/** Who accepts, why, and until when. @throws CliError for what is missing, and for a date that is none or is past */
function acceptorOf({ by = gitUser(), why = '', until }: KnownOptions): Acceptor {
  const since = dayOf(new Date());
  if (why.trim() === '') throw new CliError('Say why it is accepted: --why TEXT.');
  if (by === undefined || by.trim() === '')
    throw new CliError('Say who accepts it, as git has no user.name: --by NAME.');
  if (until !== undefined && !isDay(until))
    throw new CliError(`--until takes a day such as 2027-01-31, not ${JSON.stringify(until)}.`);
  if (until !== undefined && until < since) throw new CliError(`--until ${until} is past already.`);
  return { by, why, since, ...(until !== undefined && { until }) };
}

function gitUser(): string | undefined {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    return execFileSync('git', ['config', 'user.name'], {
      encoding: 'utf8',
      stdio: [...stdio],
      timeout: 5_000,
    }).trim();
  } catch {
    return undefined; // no git, or no name
  }
}

function notThere(causes: readonly ReportedProblem[], id: string): CliError {
  const ids = causes
    .slice(0, MOST_NAMED)
    .map((cause) => `  ${shortId(cause.id)}  ${harmlessLine(cause.sentence)}`);
  return new CliError(
    [`The run has no problem ${JSON.stringify(id)}. It has ${ids.length === 0 ? 'none' : 'these'}:`, ...ids]
      .join('\n')
      .replace(/none:$/, 'none.'),
  );
}

function addedText(added: number, name: string, causes: readonly ReportedProblem[]): string {
  const others = causes.filter((cause) => !isGated(cause)).length;
  const left =
    others === 0
      ? ''
      : ` ${counted(others, 'problem')} about time or log lines ${others === 1 ? 'is' : 'are'} left out: no gate fails by ${others === 1 ? 'it' : 'them'}.`;
  const what =
    added === 0 ? 'Nothing to add' : `${formatCount(added)} ${added === 1 ? 'entry' : 'entries'} added`;
  return `${name}: ${what}.${left}`;
}
