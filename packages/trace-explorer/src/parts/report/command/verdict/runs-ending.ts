import { sectionsText } from '../../../../core/command/terminal/section-text.ts';
import { terminalOf } from '../../../../core/command/terminal/terminal.ts';
import { maskedIn } from '../../../../core/redaction/masked.ts';
import { searchOf } from '../../../../lib/text/search-of.ts';
import type { RunsEnding } from '../../../run/contributions.ts';
import { runsSections } from '../../runs-sections.ts';
import type { RunsCompared } from '../../server/flaky/schemas.ts';
import { flakyPlaces } from './flaky-lines.ts';

/** Which tests have another outcome in some of several runs, and what differs. */
export const flakyEnding: RunsEnding = async (client, runs) => {
  const compared = maskedIn(await client.ask<RunsCompared>(`/api/flaky?${searchOf({ runs: runs.join() })}`));
  const places = flakyPlaces(compared.unsteady);
  const { colours } = terminalOf(process.stderr);
  return { text: sectionsText(runsSections(compared), colours).trimEnd(), facts: compared, places };
};
