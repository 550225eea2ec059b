import { perModel } from '../../../lib/get-or-make.ts';
import { mostOften } from '../../../lib/text/words.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { TraceFacts } from './facts.ts';
import { factsOf } from './facts.ts';
import { failedRequest } from './failed-request.ts';
import type { DraftFinding, Finding, FindingRule } from './finding.ts';
import { loggedError } from './logged-error.ts';
import { attempts } from './messages/attempts.ts';
import { lostProducer } from './messages/lost-producer.ts';
import { waitingMessage } from './messages/waiting-message.ts';
import { noAnswer } from './no-answer.ts';
import { intendedIn } from './polls.ts';
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
const RULES: readonly FindingRule[] = [
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

/** The names of all rules in their order. */
export const RULE_NAMES: readonly string[] = RULES.map(({ name }) => name);

const BY_NAME = new Map(RULES.map((rule) => [rule.name, rule]));

/** The rule of a name; undefined for a name that no rule has. */
export function ruleNamed(name: string): FindingRule | undefined {
  return BY_NAME.get(name);
}

/** The faults of a trace, in the order of the rules. Equal traces have equal findings. */
export function findingsOf(model: TraceModel): readonly Finding[] {
  return withSmallOf(model).filter(({ isSmall }) => !isSmall);
}

/** The faults of a trace, and the small ones, which are nothing to say of this trace alone. */
export function withSmallOf(model: TraceModel): readonly Finding[] {
  const looking = lookingAt(model);
  while (looking.at < RULES.length) look(looking);
  return looking.findings;
}

/** Looks at a trace as `findingsOf` does, which then has them. @param turn between two rules others have their turn */
export async function lookInTurns(model: TraceModel, turn: () => Promise<void> | undefined): Promise<void> {
  factsOf(model, new Set());
  await turn();
  intendedIn(model);
  await turn();
  const looking = lookingAt(model);
  while (looking.at < RULES.length) {
    look(looking);
    await turn();
  }
}

/** A trace, as far as rules have looked at it. */
interface Looking {
  readonly model: TraceModel;
  readonly facts: TraceFacts;
  readonly claimedSpans: Set<number>;
  readonly findings: Finding[];
  /** The number of the next rule. */
  at: number;
  /** What it has found, while it still has to look for small faults. */
  found: readonly DraftFinding[] | undefined;
}

const lookingAt = perModel((model: TraceModel): Looking => {
  const claimedSpans = new Set<number>();
  return {
    model,
    facts: factsOf(model, claimedSpans, intendedIn(model)),
    claimedSpans,
    findings: [],
    at: 0,
    found: undefined,
  };
});

/** Most findings of one rule. The findings with the highest cost stay. */
const MAX_FINDINGS_PER_RULE = 10;

/** Has the next rule look, or look for small faults: in a large trace each takes its time. */
function look(looking: Looking): void {
  const { model, facts, claimedSpans, findings, found } = looking;
  const rule = RULES[looking.at];
  if (rule === undefined) return;
  if (found === undefined) {
    looking.found = rule.find(facts).toSorted((a, b) => b.cost - a.cost);
    return;
  }
  looking.at += 1;
  looking.found = undefined;
  const small = smallBeside(rule, facts, found);
  if (!rule.isPartial) for (const each of found) for (const index of each.indexes) claimedSpans.add(index);
  findings.push(...found.slice(0, MAX_FINDINGS_PER_RULE).map((each) => findingOf(model, rule, each)));
  findings.push(
    ...small
      .slice(0, MAX_FINDINGS_PER_RULE)
      .map((each) => findingOf(model, rule, { ...each, isSmall: true })),
  );
}

/** The share of its limits from which on a rule finds small faults. */
const SMALL = 0.25;

/** What a rule finds at a share of its limits, and not as a whole fault: the dearest first. */
function smallBeside(
  rule: FindingRule,
  facts: TraceFacts,
  found: readonly DraftFinding[],
): readonly DraftFinding[] {
  if (!rule.hasSmall) return [];
  const whole = new Set(found.flatMap(({ indexes }) => indexes));
  return rule
    .find(facts, SMALL)
    .filter(({ indexes }) => !indexes.some((index) => whole.has(index)))
    .toSorted((a, b) => b.cost - a.cost);
}

function findingOf(model: TraceModel, rule: FindingRule, { sentence, ...found }: DraftFinding): Finding {
  const parts = typeof sentence === 'string' ? [sentence] : sentence;
  const line = lineOf(model, rule, found);
  return { rule: rule.name, sentence: sentenceText(parts), parts, ...line, ...found };
}

/** The line of most spans of a finding, or of their loop: of the first call of a loop only the helper is known. */
function lineOf(
  model: TraceModel,
  { isOfCaller, isElsewhere }: FindingRule,
  { indexes, isOutside, hasRequestsLine }: Pick<DraftFinding, 'indexes' | 'isOutside' | 'hasRequestsLine'>,
): Pick<Finding, 'line'> {
  if (hasRequestsLine) {
    const [request = -1] = indexes;
    const own = model.kind(request) === 'server' ? model.line(request) : undefined;
    return own === undefined ? {} : { line: own };
  }
  if (isOutside || isElsewhere) return {};
  const loops = isOfCaller ? indexes.flatMap((index) => model.loop(index) ?? []) : [];
  const isLoop = loops.length * 2 >= indexes.length - 1;
  const line =
    (isLoop ? mostOften(loops) : undefined) ?? mostOften(indexes.flatMap((index) => model.line(index) ?? []));
  return line === undefined ? {} : { line };
}
