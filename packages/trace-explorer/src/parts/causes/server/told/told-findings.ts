import type { Finding } from '../../../../core/traces/findings/finding.ts';
import { findingKey } from '../../../../core/traces/findings/finding.ts';
import { findingsOf } from '../../../../core/traces/findings/rules.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { isPlain, saidOf } from '../../said.ts';
import { causeId } from '../cause-key.ts';
import { causesOf } from '../causes-of.ts';
import { sightingsOf } from '../sightings.ts';

/** The findings of a trace with the words and lines of their causes: an error that ends a request says itself what is wrong. */
export function toldFindings(model: TraceModel): Finding[] {
  const causes = new Map(causesOf([model]).map((cause) => [cause.id, cause]));
  const told = new Map(
    sightingsOf(model).flatMap(({ finding, key, code }) =>
      finding === undefined
        ? []
        : [[findingKey(model, finding), { cause: causes.get(causeId(key)), line: code?.line }] as const],
    ),
  );
  return findingsOf(model).map((finding) => {
    const { cause, line = finding.line } = told.get(findingKey(model, finding)) ?? {};
    const isItself = finding.rule === 'failed-request' && cause !== undefined && isPlain(cause);
    return {
      ...finding,
      ...(isItself && { sentence: saidOf(cause) }),
      ...(line !== undefined && { line }),
    };
  });
}
