import { findingKey } from '../traces/findings/finding.ts';
import { findingsOf, lookInTurns } from '../traces/findings/rules.ts';
import type { ToldFinding, TraceOutline } from '../traces/model/outline.ts';
import type { TraceModel } from '../traces/model/trace-model.ts';
import { buildModel } from '../traces/model/trace-model.ts';

import type { Blamed } from './occurrences.ts';
import { blamedIn, placeAt, wordsOf } from './occurrences.ts';
import type { ProblemKey } from './problem-key.ts';
import { isFactAlone, problemId } from './problem-key.ts';
import { isPlain } from './said.ts';
import { agreedOn, errorWords } from './sentence.ts';
import { worstOf } from './worse.ts';

/**
 * What is wrong with a trace, with the words and lines of its problems: an error that ends a request says itself what is wrong. Page,
 * commands and agents read this.
 */
function tellFindings(model: TraceModel): ToldFinding[] {
  const all = blamedIn(model);
  const byId = Map.groupBy(all, ({ key }) => problemId(key));
  const speaks = new Map<string, Blamed>();
  const spoken = new Set<string>();
  // Of several errors that belong to a finding, the one at its own spans speaks, else the first.
  for (const blamed of all) {
    const { finding, index } = blamed;
    if (finding === undefined) continue;
    const name = findingKey(model, finding);
    if (!speaks.has(name) || (finding.indexes.includes(index) && !spoken.has(name))) speaks.set(name, blamed);
    if (finding.indexes.includes(index)) spoken.add(name);
  }
  return findingsOf(model).map((finding) => {
    const { rule, exception, advice, indexes } = finding;
    const { key, place = placeAt(model, finding.line, indexes) } =
      speaks.get(findingKey(model, finding)) ?? {};
    const own = rule === 'failed-request' && key ? (byId.get(problemId(key)) ?? []) : [];
    return {
      rule,
      sentence: key && own.length > 0 ? (errorSaid(model, key, own) ?? finding.sentence) : finding.sentence,
      ...(exception !== undefined && { exception }),
      advice,
      ...(isFactAlone({ finding }) && { fact: true as const }),
      ...(place !== undefined && { place }),
      spans: indexes,
    };
  });
}

/** The words of an error; undefined where another rule says more of it. */
function errorSaid(model: TraceModel, key: ProblemKey, own: readonly Blamed[]): string | undefined {
  const { finding } = worstOf(own);
  if (!isPlain({ rule: key.rule, ...(finding && { finding: finding.rule }) })) return undefined;
  return errorWords(key, agreedOn({ occurrences: own.map((each) => wordsOf(model, each)) })).example;
}

/** The same of a trace of any size: others have their turn between two rules. */
export async function toldInTurns(
  outline: TraceOutline,
  turn: () => Promise<void> | undefined,
): Promise<ToldFinding[]> {
  const model = buildModel(outline);
  await turn();
  await lookInTurns(model, turn);
  return tellFindings(model);
}
