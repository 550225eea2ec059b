import { terminalOf } from '../../../../core/command/terminal/terminal.ts';
import { withOwnFiles, withRepositoryFiles } from '../../../../core/problems/file/own-files.ts';
import { knownFaultText, knownText } from '../../../../core/problems/said.ts';
import { maskedIn } from '../../../../core/redaction/masked.ts';
import { outcomeOf } from '../../../../core/runs/exit-code.ts';
import { RUN_ID } from '../../../../core/runs/run-fields.ts';
import { harmlessLine } from '../../../../lib/text/harmless-text.ts';
import { searchOf } from '../../../../lib/text/search-of.ts';
import { counted, quoted } from '../../../../lib/text/words.ts';
import type { RunEnding } from '../../../run/contributions.ts';
import { judgedVerdict, openVerdict } from '../../server/judged.ts';
import type { RunReport } from '../../server/schemas.ts';
import { failedTestSentence } from '../../server/verdict/failed-test.ts';
import type { Verdict } from '../../server/verdict/schemas.ts';
import { testsOf } from '../../summary.ts';
import { verdictText } from './verdict-text.ts';

/** Problems that the line of an agent's tests names, and characters of a failed test's name and of its message. */
const [MOST, LONGEST] = [3, 160];
/** After this time a person in a terminal is told what takes so long, in milliseconds. */
const LONG_MS = 1_000;

/** What is wrong with a run, the worst first. Of a coding agent's run: how many tests ran, and the problems in their traces. */
export const verdictEnding: RunEnding = async (client, run) => {
  const { id, last, stopped, agent, hasTests, columns, requests } = run;
  if (agent !== undefined) {
    if (!hasTests) return undefined;
    return { text: testsLine(maskedIn(await client.ask<RunReport>(`/api/report?${searchOf({ run: id })}`))) };
  }
  if (!columns.has(RUN_ID)) return undefined;
  const { accepted, folder, place, fault } = run.known ?? {};
  const sightings = accepted === undefined ? undefined : true;
  const asked = { run: id, stopped, last: last?.id, last_stopped: last?.stopped, sightings };
  const waiting = setTimeout(() => {
    if (process.stderr.isTTY) process.stderr.write(`Reading ${counted(requests, 'request')} …\n`);
  }, LONG_MS);
  const answer = await client
    .ask<Verdict>(`/api/verdict?${searchOf(asked)}`)
    .then(maskedIn)
    .finally(() => clearTimeout(waiting));
  if (answer.traces === 0) return undefined;
  const seen = stopped === undefined ? withOutcome(answer, run.exitCode) : answer;
  const facts = withOwnFiles(accepted ? judgedVerdict(seen, accepted, place) : seen, folder);
  const verdict = openVerdict(facts);
  const shown = { ...verdict, causes: withRepositoryFiles(verdict.causes, place) };
  const places = verdict.causes.flatMap(({ file, line, sentence }) =>
    file === undefined ? [] : [{ file, line, what: harmlessLine(sentence) }],
  );
  const problems = verdict.causes.filter(({ fact }) => !fact).length;
  // A process of another language cannot be profiled.
  const profiling = columns.has('tandem.code.folder') ? run.profiling : undefined;
  const text = verdictText(
    shown,
    { ...run, profiling, known: knownText(facts.causes) },
    terminalOf(process.stderr),
  );
  const notes = fault === undefined ? [] : [knownFaultText(fault)];
  return { text: [text, ...notes].join('\n'), facts, problems, places };
};

/** A verdict whose tests have passed only where the command says so, too. */
function withOutcome(verdict: Verdict, exitCode: number): Verdict {
  const { tests } = verdict;
  if (tests === undefined || outcomeOf({ ...tests, exit_code: exitCode }) !== 'ran') return verdict;
  const { passed: ran = 0, ...rest } = tests;
  return { ...verdict, tests: { ran, ...rest } };
}

function testsLine(report: RunReport): string {
  const failed = report.failing.map(({ test, message, after }) =>
    failedTestSentence(quoted(test, LONGEST), quoted(message, LONGEST), after),
  );
  const problems = [...failed, ...report.causes.map(({ sentence }) => sentence)];
  const first = problems.slice(0, MOST).map(harmlessLine);
  const rest = problems.length > MOST ? `; and ${problems.length - MOST} more` : '';
  const sentence =
    problems.length === 0
      ? 'Nothing wrong found.'
      : `${counted(problems.length, 'problem')}: ${first.join('; ')}${rest}.`;
  return `${testsOf(report)}. ${sentence}`;
}
