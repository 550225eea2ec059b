import { readRequest } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { askAbout } from '../../../core/command/files/run-file.ts';
import { gate } from '../../../core/command/gate.ts';
import { chooseColours } from '../../../core/command/terminal/colours.ts';
import { showProgress } from '../../../core/command/terminal/progress.ts';
import { sectionsText } from '../../../core/command/terminal/section-text.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { titledMarkdown } from '../../../core/places/section-markdown.ts';
import { maskedIn } from '../../../core/redaction/masked.ts';
import { harmlessJson } from '../../../lib/text/harmless-text.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { routeSections } from '../route-sections.ts';
import { MIN_REQUESTS } from '../server/compare/chance.ts';
import type { RunComparison } from '../server/compare/change.ts';

const WORSE = 1;

const USAGE = `Says what a run did to every route: calls per request, errors, P50 and P95.

  ${CALL} compare BASE [HEAD]   names or ids of runs, or files of run --save; HEAD: else the newest run that is not BASE
  --markdown          for $GITHUB_STEP_SUMMARY
  --json              every figure as JSON
  --url URL           where the explorer is (default: ${DEFAULT_URL})

Exit code 0: nothing got worse. 1: something did. 2: a run or the explorer cannot be read, or no route could be compared.
`;

/**
 * Compares two runs, and sets the exit code: 0 when nothing got worse, else 1.
 * @throws CliError with exit code 2 when the explorer cannot be asked, or does not have the runs
 */
export const compareCommand = gate(run);

async function run(args: readonly string[], { withFiles }: CommandContext): Promise<void> {
  const flag = { type: 'boolean' } as const;
  const { values, positionals, client } = await readRequest(
    args,
    USAGE,
    { json: flag, markdown: flag },
    { most: 2 },
  );
  const [base, head] = positionals;
  if (base === undefined) throw new CliError(`Name one run or two.\n\n${USAGE}`);
  await askAbout(withFiles, client, [base, head], (from, [base, head]) => show(from, { base, head }, values));
}

/** Prints the comparison, and sets the exit code. */
async function show(
  client: ExplorerClient,
  { base, head }: { readonly base: string | undefined; readonly head: string | undefined },
  values: { readonly json?: boolean; readonly markdown?: boolean },
): Promise<void> {
  const query = searchOf({ base, head });
  const endProgress = showProgress(
    () => `compare: the explorer reads ${[base, head ?? 'the newest run'].join(' and ')}`,
  );
  const comparison = maskedIn(await client.ask<RunComparison>(`/api/compare?${query}`).finally(endProgress));
  const sections = routeSections(comparison, (id) => client.linkTo(id));
  if (values.json) process.stdout.write(`${harmlessJson(comparison)}\n`);
  else if (values.markdown) process.stdout.write(titledMarkdown(sections));
  else process.stdout.write(sectionsText(sections, chooseColours()));
  if (comparison.worse) process.exitCode = WORSE;
  else if (!comparison.routes.some(({ judged }) => judged))
    throw new CliError(`Nothing was compared: no route has ${MIN_REQUESTS} requests in both runs.`);
}
