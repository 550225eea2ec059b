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

/** The names of all rules in their order. A rule leaves out the reports of an earlier rule. */
export const RULE_NAMES: readonly string[] = [
  'attempts',
  'work-after-timeout',
  'retries',
  'no-answer',
  'swallowed-error',
  'failed-request',
  'repeated-call',
  'same-call-twice',
  'same-call-at-once',
  'sequential-calls',
  'stood-still',
  'waited-for-connection',
  'slow-connect',
  'slow-call',
  'unexplained-time',
  'waiting-message',
  'logged-error',
  'lost-context',
  'lost-producer',
  'torn-trace',
  'wrong-clock',
  'impossible-id',
  'impossible-span',
];

/** Some rules in their order. */
export function inOrder(rules: readonly FindingRule[]): readonly FindingRule[] {
  return rules.toSorted((a, b) => RULE_NAMES.indexOf(a.name) - RULE_NAMES.indexOf(b.name));
}

/** The rules that any trace may break. */
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
 * Whether a trace may break further rules: those about messages, stalls, logged errors, calls at once, and the telemetry itself; or may
 * have what is meant so: calls that poll, and rows that were there already. Most traces have nothing that these look at, so the page
 * shows them without their code.
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
    mayIntend(outline) ||
    parent.lastIndexOf(-1) > 0
  );
}

/** Whether a statement failed, or three calls are named alike, apart from their paths. */
function mayIntend({ texts, name, kind, errors, database }: TraceOutline): boolean {
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
