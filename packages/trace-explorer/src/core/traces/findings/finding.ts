import { placeText } from '../model/code-place.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { TraceFacts } from './facts.ts';
import type { Sentence } from './sentence.ts';

/** A fault of a trace, in words for a person. */
export interface Finding {
  /** The name of the rule, such as `repeated-call`. */
  readonly rule: string;
  /** One sentence with numbers, without a full stop. */
  readonly sentence: string;
  /** The sentence in its parts, for a reader who knows the service. */
  readonly parts: Sentence;
  /** The message of the exception behind the fault, with its first frame of the app. The sentence itself has no sender's message. */
  readonly exception?: string;
  readonly advice: string;
  /** The process could do nothing: it had no processor, for example. */
  readonly isOutside?: true;
  /** The request of the same process that is to blame, where that is another one, of another trace. */
  readonly culprit?: Culprit;
  /** A wait for a connection of a database, of which nobody knows who held it: the calls of its requests may be why. */
  readonly isSymptom?: true;
  /** Who held the connections that it waited for: `POST /close, src/tickets.js:31`. */
  readonly heldBy?: string;
  /** What happened, and may be as it should: its sentence names no part that took the time, for example. */
  readonly isFact?: true;
  /** Nobody knows which code ran, but it ran within the request: its line is as near as one can come. */
  readonly hasRequestsLine?: true;
  /** Each call succeeded at its second try: what tries are made for, where few requests need them. */
  readonly isSecondTry?: true;
  /** A stall that was garbage collection for the most part. */
  readonly isGarbage?: true;
  /** It is below its rule's limits: it only counts, where the same cause is found in full elsewhere. */
  readonly isSmall?: true;
  /** The line of code that its rule names, else that of most of its spans, or of their loop: `src/orders.js:31`. None of a fault outside. */
  readonly line?: string;
  /** Indexes of the finding's spans in the trace, the most important first. Empty when the finding is about the whole trace. */
  readonly indexes: readonly number[];
  /** The fault's cost in nanoseconds. The findings of a rule are ordered by cost. */
  readonly cost: number;
}

/** A request that other requests waited for. */
export interface Culprit {
  /** Of its SERVER span. */
  readonly name: string;
  /** Its path without ids, where the name is only a method; else empty. */
  readonly shape: string;
}

/** A finding as its rule has it. The name of the rule is added later, and most lines are. */
export interface DraftFinding extends Omit<Finding, 'rule' | 'sentence' | 'parts'> {
  readonly sentence: string | Sentence;
}

/**
 * What a rule is about: where time went, the number and the order of calls, errors, what was logged and may be as it should, or the
 * telemetry itself, whose faults differ between equal runs.
 */
export type FindingCategory = 'time' | 'calls' | 'errors' | 'logs' | 'telemetry';

/** One kind of fault in traces. */
export interface FindingRule {
  readonly name: string;
  readonly category: FindingCategory;
  /** It does not say where all the time of its spans went: rules about time do not leave them out. */
  readonly isPartial?: true;
  /** It blames a call for what it does: another statement, or another path, is another fault. */
  readonly isOfCall?: true;
  /** Its calls are the fault of whoever makes them through helpers, whose line tells more than a helper's. */
  readonly isOfCaller?: true;
  /** Its spans suffered from what ran elsewhere: their lines say nothing of it. */
  readonly isElsewhere?: true;
  /** The fault that the rule finds: of an operation of a service, without a number of one trace. */
  cause(place: string, service: string): string;
  /** It also finds at a share of its limits: what is a fault in one trace is often there in others, and smaller. */
  readonly hasSmall?: true;
  /**
   * Finds faults of this kind. Leaves out the spans in `facts.claimedSpans`, which earlier rules have reported.
   * @param share of the rule's limits that is enough
   */
  find(facts: TraceFacts, share?: number): readonly DraftFinding[];
}

/** The line of a finding where its sentence leaves it out: `(src/orders.js:31)`; else empty. */
export function unsaidLine(sentence: string, place: Parameters<typeof placeText>[0] = {}): string {
  const line = placeText(place);
  return line === '' || sentence.includes(line) ? '' : `(${line})`;
}

/** The finding's name in URLs: its rule and its first span. */
export function findingKey(
  model: Pick<TraceModel, 'ref'>,
  { rule, indexes }: Pick<Finding, 'rule' | 'indexes'>,
): string {
  const [first = -1] = indexes;
  return first < 0 ? rule : `${rule}:${model.ref(first)}`;
}
