import { sectionsText } from '../../../../core/command/terminal/section-text.ts';
import { terminalOf } from '../../../../core/command/terminal/terminal.ts';
import { harmlessLine } from '../../../../lib/text/harmless-text.ts';
import { searchOf } from '../../../../lib/text/search-of.ts';
import type { RunsEnding } from '../../../run/contributions.ts';
import { runsSections } from '../../runs-sections.ts';
import type { RunsCompared } from '../../server/flaky/schemas.ts';

/** Which tests have another outcome in some of several runs, and what differs. */
export const flakyEnding: RunsEnding = async (client, runs) => {
  const compared = await client.ask<RunsCompared>(`/api/flaky?${searchOf({ runs: runs.join() })}`);
  const places = compared.unsteady.flatMap(({ test, sentence, file, line }) =>
    file === undefined ? [] : [{ file, line, what: harmlessLine(`${test} is flaky: ${sentence}`) }],
  );
  const { colours } = terminalOf(process.stderr);
  return { text: sectionsText(runsSections(compared), colours).trimEnd(), facts: compared, places };
};
