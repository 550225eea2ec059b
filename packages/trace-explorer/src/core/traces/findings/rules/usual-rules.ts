import type { TraceOutline } from '../../model/outline.ts';
import { failedRequest } from '../failed-request.ts';
import type { FindingRule } from '../finding.ts';
import { noAnswer } from '../no-answer.ts';
import { repeatedCall } from '../repeated-call.ts';
import { retries } from '../retries.ts';
import { sameCallTwice } from '../same-call-twice.ts';
import { sequentialCalls } from '../sequential-calls.ts';
import { slowCall } from '../slow-call.ts';
import { swallowedError } from '../swallowed-error.ts';
import { unexplainedTime } from '../unexplained-time.ts';
import { slowConnect } from '../waits/slow-connect.ts';
import { waitedForConnection } from '../waits/waited-for-connection.ts';
import { workAfterTimeout } from '../work-after-timeout.ts';

/** The rules that any trace may break, in the order of all rules. */
export const USUAL_RULES: readonly FindingRule[] = [
  workAfterTimeout,
  retries,
  noAnswer,
  swallowedError,
  failedRequest,
  repeatedCall,
  sameCallTwice,
  sequentialCalls,
  waitedForConnection,
  slowConnect,
  slowCall,
  unexplainedTime,
];

/**
 * Whether a trace may break further rules: those about messages, stalls, logged errors, calls at once, and the telemetry itself. Most
 * traces have nothing that these look at, so the page shows them without the code of these rules.
 */
export function mayBreakOthers(outline: TraceOutline): boolean {
  const { texts, parent, arrival, linked } = outline;
  const { at_once, stalls, stalled_before_ms, logged, lost, marks, shift } = outline;
  const others = [at_once, stalls, stalled_before_ms, logged, lost, marks, shift];
  return (
    others.some((list) => list.length > 0) ||
    linked !== undefined ||
    texts.includes('consumer') ||
    Object.keys(arrival).length > 0 ||
    parent.lastIndexOf(-1) > 0
  );
}

/**
 * Whether a trace may have what `intendedIn` looks for, calls that poll and rows that were there already: a statement failed, or three
 * calls are named alike, apart from their paths.
 */
export function mayIntend({ texts, name, kind, errors, database }: TraceOutline): boolean {
  const statements = new Set(database);
  const counts = new Map<string | undefined, number>();
  return (
    errors.some((index) => statements.has(index)) ||
    name.some((text, index) => {
      if (!/client|producer|unspecified/.test(texts[kind[index] ?? -1] ?? '') && !statements.has(index))
        return false;
      const [called] = (texts[text] ?? '').split('/');
      const count = 1 + (counts.get(called) ?? 0);
      counts.set(called, count);
      return count > 2;
    })
  );
}
