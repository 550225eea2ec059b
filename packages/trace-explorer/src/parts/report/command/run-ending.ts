import type { RunEnding } from '../../../core/door/node.ts';
import { harmlessLine } from '../../../core/shared/harmless-text.ts';
import { searchOf } from '../../../core/shared/search-of.ts';
import { counted, quoted } from '../../../core/shared/words.ts';
import { testsOf } from '../report-parts.ts';
import type { RunReport } from '../server/schemas.ts';

/** Causes that the line names, and characters of a failed test's name and of its message. */
const [MOST_CAUSES, LONGEST] = [3, 160];

/** How many tests ran, the failed ones, and the causes in the tests' traces. */
export const testsEnding: RunEnding = async (client, { id, hasTests }) => {
  if (!hasTests) return undefined;
  const report = await client.ask<RunReport>(`/api/report?${searchOf({ run: id })}`);
  const failed = report.failing.map(
    ({ test, message }) => `${quoted(test, LONGEST)} fails: ${quoted(message, LONGEST)}`,
  );
  const causes = [...failed, ...report.causes.map(({ sentence }) => sentence)];
  const first = causes.slice(0, MOST_CAUSES).map(harmlessLine);
  const rest = causes.length > MOST_CAUSES ? `; and ${causes.length - MOST_CAUSES} more` : '';
  const told =
    causes.length === 0 ? '0 causes.' : `${counted(causes.length, 'cause')}: ${first.join('; ')}${rest}.`;
  return `${testsOf(report)}. ${told}`;
};
