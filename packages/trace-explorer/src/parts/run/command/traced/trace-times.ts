import { constants } from 'node:os';
import { withoutAdvice } from '../../../../core/command/wrong-usage.ts';
import { counted } from '../../../../lib/text/words.ts';
import type { RunSummary } from '../../contributions.ts';
import type { Traced, TracedRun } from './trace-once.ts';
import { traceOnce } from './trace-once.ts';

/** What is said of several runs of a command. */
interface RunsSaid {
  readonly text: string;
  readonly facts: object;
  readonly places: NonNullable<RunSummary['places']>;
}

/**
 * Runs a command several times, one after the other, each with an id of its own, and says which tests have another outcome in
 * some of them. The exit code is the first that is not 0. A signal ends all of it; then it says what there is.
 * @throws CliError where the command cannot be started
 */
export async function traceTimes(traced: Traced, times: number): Promise<RunsSaid> {
  const runs: TracedRun[] = [];
  let ended: NodeJS.Signals | undefined;
  const bySignal = (signal: NodeJS.Signals) => {
    if (ended !== undefined) process.exit(128 + constants.signals[signal]); // somebody does not want to wait
    ended = signal;
  };
  const ofCommand = () => runs.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0;
  for (let nth = 1; nth <= times && ended === undefined; nth++) {
    const begins = (id: string) => process.stderr.write(`Run ${nth} of ${times}: ${id}\n`);
    const run = await traceOnce(traced, { bySignal, begins });
    runs.push(run);
    process.exitCode = ofCommand();
    process.stderr.write(`Run ${nth} of ${times} ended with exit code ${run.exitCode}${testsText(run)}.\n`);
    if (run.stopped !== undefined) break;
  }
  if (ended !== undefined) process.exitCode = ofCommand() || 128 + constants.signals[ended];
  const whole = runs.filter(({ stopped }) => stopped === undefined);
  const { text, facts, places = [] } = await compared(traced, whole);
  const left = times - whole.length;
  const lines = [
    ...(left > 0 ? [`Stopped after ${counted(whole.length, 'whole run')} of ${times}.`] : []),
    text,
    ...showText(runs.at(-1)),
  ];
  const all = { runs: runs.map(({ facts }) => facts), compared: facts };
  return { text: lines.join('\n'), facts: all, places };
}

/** Where the last run is seen, and the others beside it. */
function showText(last: TracedRun | undefined): string[] {
  const { show } = Object(last?.facts);
  return typeof show === 'string' ? [`Show the last run: ${show}`] : [];
}

/** `, 8 tests passed, 1 failed`, or `, 8 tests ran` */
function testsText({ facts }: TracedRun): string {
  const { tests } = Object(facts);
  if (tests === undefined) return '';
  const { ran, passed, failed, flaky = 0 } = tests;
  const unsteady = flaky > 0 ? `, ${flaky} of them flaky` : '';
  if (ran !== undefined) return `, ${counted(ran, 'test')} ran${unsteady}`;
  return `, ${counted(passed, 'test')} passed${unsteady}${failed > 0 ? `, ${failed} failed` : ''}`;
}

/** Which tests differ, by the part that knows; with fewer than two whole runs, that there is nothing to compare. */
async function compared({ context, target }: Traced, runs: readonly TracedRun[]): Promise<RunSummary> {
  if (runs.length < 2) return { text: 'There are not two runs to compare.' };
  const ids = runs.map(({ id }) => id);
  for (const part of context.parts) {
    const say = await part.runsEnding?.();
    if (say === undefined) continue;
    return say(target.client, ids).catch(({ message }: Error) => ({
      text: `The runs could not be compared: ${withoutAdvice(message)}`,
    }));
  }
  return { text: '' };
}
