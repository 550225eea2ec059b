import { terminalOf } from '../../../../core/command/terminal/terminal.ts';
import type { RunEnding } from '../../../../core/door/node.ts';
import { RUN_ID } from '../../../../core/runs/run-fields.ts';
import { harmlessLine } from '../../../../core/shared/harmless-text.ts';
import { searchOf } from '../../../../core/shared/search-of.ts';
import { counted, quoted } from '../../../../core/shared/words.ts';
import { testsOf } from '../../sections.ts';
import type { RunReport } from '../../server/schemas.ts';
import { failedTestSentence } from '../../server/verdict/failed-test.ts';
import type { Verdict } from '../../server/verdict/schemas.ts';
import { verdictText } from './verdict-text.ts';

/** Causes that the line of an agent's tests names, and characters of a failed test's name and of its message. */
const [MOST_CAUSES, LONGEST] = [3, 160];

/** What is wrong with a run, the worst first. Of a coding agent's run: how many tests ran, and the causes in their traces. */
export const verdictEnding: RunEnding = async (client, run) => {
  const { id, last, agent, hasTests, columns } = run;
  if (agent !== undefined) {
    if (!hasTests) return undefined;
    return { text: testsLine(await client.ask<RunReport>(`/api/report?${searchOf({ run: id })}`)) };
  }
  if (!columns.has(RUN_ID)) return undefined;
  const verdict = await client.ask<Verdict>(`/api/verdict?${searchOf({ run: id, last })}`);
  if (verdict.traces === 0) return undefined;
  const places = verdict.causes.flatMap(({ file, line, sentence }) =>
    file === undefined ? [] : [{ file, line, what: harmlessLine(sentence) }],
  );
  return { text: verdictText(verdict, run, terminalOf(process.stderr)), facts: verdict, places };
};

function testsLine(report: RunReport): string {
  const failed = report.failing.map(({ test, message }) =>
    failedTestSentence(quoted(test, LONGEST), quoted(message, LONGEST)),
  );
  const causes = [...failed, ...report.causes.map(({ sentence }) => sentence)];
  const first = causes.slice(0, MOST_CAUSES).map(harmlessLine);
  const rest = causes.length > MOST_CAUSES ? `; and ${causes.length - MOST_CAUSES} more` : '';
  const sentence =
    causes.length === 0 ? '0 causes.' : `${counted(causes.length, 'cause')}: ${first.join('; ')}${rest}.`;
  return `${testsOf(report)}. ${sentence}`;
}
