import { perModel } from '../../../lib/get-or-make.ts';
import { mostOften } from '../../../lib/text/words.ts';
import type { TraceModel } from '../model/trace-model.ts';
import { factsOf } from './facts.ts';
import { failedRequest } from './failed-request.ts';
import type { Finding, FindingRule, Found } from './finding.ts';
import { loggedError } from './logged-error.ts';
import { attempts } from './messages/attempts.ts';
import { lostProducer } from './messages/lost-producer.ts';
import { waitingMessage } from './messages/waiting-message.ts';
import { noAnswer } from './no-answer.ts';
import { repeatedCall } from './repeated-call.ts';
import { retries } from './retries.ts';
import { sameCallAtOnce } from './same-call-at-once.ts';
import { sameCallTwice } from './same-call-twice.ts';
import { sentenceText } from './sentence.ts';
import { sequentialCalls } from './sequential-calls.ts';
import { slowCall } from './slow-call.ts';
import { swallowedError } from './swallowed-error.ts';
import { impossibleId, impossibleSpan } from './telemetry/impossible-span.ts';
import { lostContext } from './telemetry/lost-context.ts';
import { tornTrace } from './telemetry/torn-trace.ts';
import { wrongClock } from './telemetry/wrong-clock.ts';
import { unexplainedTime } from './unexplained-time.ts';
import { slowConnect } from './waits/slow-connect.ts';
import { stoodStill } from './waits/stood-still.ts';
import { waitedForConnection } from './waits/waited-for-connection.ts';
import { workAfterTimeout } from './work-after-timeout.ts';

/** All rules in their order. A rule leaves out the reports of an earlier rule. */
const FINDING_RULES: readonly FindingRule[] = [
  attempts,
  workAfterTimeout,
  retries,
  noAnswer,
  swallowedError,
  failedRequest,
  repeatedCall,
  sameCallTwice,
  sameCallAtOnce,
  sequentialCalls,
  stoodStill,
  waitedForConnection,
  slowConnect,
  slowCall,
  unexplainedTime,
  waitingMessage,
  loggedError,
  lostContext,
  lostProducer,
  tornTrace,
  wrongClock,
  impossibleId,
  impossibleSpan,
];

export const RULE_NAMES: readonly string[] = FINDING_RULES.map(({ name }) => name);

const RULES = new Map(FINDING_RULES.map((rule) => [rule.name, rule]));

/** The rule of a name; undefined for a name that no rule has. */
export function ruleNamed(name: string): FindingRule | undefined {
  return RULES.get(name);
}

/** Most findings of one rule. The findings with the highest cost stay. */
const MOST = 10;

/** The share of its limits from which on a rule finds small faults. */
const SMALL = 0.25;

/** The faults of a trace, in the order of the rules. Equal traces have equal findings. */
export function findingsOf(model: TraceModel): readonly Finding[] {
  return withSmallOf(model).filter(({ isSmall }) => !isSmall);
}

/** The faults of a trace, and the small ones, which are nothing to say of this trace alone. */
export const withSmallOf = perModel((model: TraceModel): readonly Finding[] => {
  const taken = new Set<number>();
  const facts = factsOf(model, taken);
  const findings: Finding[] = [];
  for (const rule of FINDING_RULES) {
    const found = rule.find(facts).toSorted((a, b) => b.cost - a.cost);
    const whole = new Set(found.flatMap(({ indexes }) => indexes));
    const small = (rule.hasSmall ? rule.find(facts, SMALL) : [])
      .filter(({ indexes }) => !indexes.some((index) => whole.has(index)))
      .toSorted((a, b) => b.cost - a.cost);
    if (!rule.isPartial) for (const each of found) for (const index of each.indexes) taken.add(index);
    findings.push(...found.slice(0, MOST).map((each) => findingOf(model, rule, each)));
    findings.push(...small.slice(0, MOST).map((each) => findingOf(model, rule, { ...each, isSmall: true })));
  }
  return findings;
});

function findingOf(model: TraceModel, rule: FindingRule, { sentence, ...found }: Found): Finding {
  const parts = typeof sentence === 'string' ? [sentence] : sentence;
  const line = lineOf(model, rule, found);
  return { rule: rule.name, sentence: sentenceText(parts), parts, ...line, ...found };
}

/** The line of most spans of a finding, or of their loop: of the first call of a loop only the helper is known. */
function lineOf(
  model: TraceModel,
  { isOfCaller, isElsewhere }: FindingRule,
  { indexes, isOutside }: Pick<Found, 'indexes' | 'isOutside'>,
): Pick<Finding, 'line'> {
  if (isOutside || isElsewhere) return {};
  const loops = isOfCaller ? indexes.flatMap((index) => model.loop(index) ?? []) : [];
  const isLoop = loops.length * 2 >= indexes.length - 1;
  const line =
    (isLoop ? mostOften(loops) : undefined) ?? mostOften(indexes.flatMap((index) => model.line(index) ?? []));
  return line === undefined ? {} : { line };
}
