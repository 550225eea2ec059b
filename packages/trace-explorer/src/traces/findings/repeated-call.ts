import { coveredTime } from './facts.ts';
import type { Rule } from './finding.ts';
import { calledAs, nameOf, reads, saysNothing, time, times } from './words.ts';

/** Fewer calls are not a loop. */
const LEAST = 5;
/** A loop that costs less time, or a smaller share of the caller's time, is not worth a change. */
const LEAST_SAVED_NS = 500e3;
const LEAST_SHARE = 0.01;
/** Fewer calls count as a loop when one call for all would save at least this time and this share of the caller's time. */
const LEAST_OF_FEW = 3;
const LEAST_SAVED_BY_FEW_NS = 50e6;
const LEAST_SHARE_OF_FEW = 0.3;
/** When at least this share of the calls' time belongs to a single call at a time, the calls were made one after the other. */
const IN_A_ROW = 0.95;

/** Many calls of one operation by one span, with different arguments (N+1), one after the other or at the same time. */
export const repeatedCall: Rule = {
  name: 'repeated-call',
  find(facts) {
    const { model, calls, taken } = facts;
    return calls.flatMap((each) => {
      const { caller, name, indexes } = each;
      const own = indexes.filter((index) => !taken.has(index) && model.error[index] !== 1);
      const [first = -1] = own;
      // Calls that write to one address have different bodies. Calls that read belong to same-call-twice.
      const isSame =
        reads(name) && own.every((index) => model.call(index) > 0 && model.call(index) === model.call(first));
      // An agent needs each answer of the model before it uses its tools.
      const isAgents = model.isGenerative(first) && (model.children[caller] ?? 0) > own.length;
      if (own.length < LEAST_OF_FEW || isSame || isAgents || saysNothing(name)) return [];
      const lengths = own.map((index) => model.length[index] ?? 0);
      const sum = lengths.reduce((a, b) => a + b);
      const longest = lengths.reduce((a, b) => Math.max(a, b));
      const covered = coveredTime(facts, own);
      const saved = covered - longest;
      const { [caller]: whole = 0 } = model.length;
      const [least, share] =
        own.length < LEAST ? [LEAST_SAVED_BY_FEW_NS, LEAST_SHARE_OF_FEW] : [LEAST_SAVED_NS, LEAST_SHARE];
      if (saved < Math.max(least, whole * share)) return [];
      const how = covered >= sum * IN_A_ROW ? 'in a row' : 'at the same time';
      return {
        sentence: `${calledAs(each)} was called ${times(own.length)} ${how} by ${nameOf(model, caller)}; one call for all would save up to ${time(saved)}`,
        advice: 'Ask for all of them in one call, or join the tables in one statement.',
        indexes: own,
        cost: saved,
      };
    });
  },
};
