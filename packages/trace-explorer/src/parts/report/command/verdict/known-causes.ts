import type { Accepted } from '../../../../core/runs/accepted.ts';
import { markKnown } from '../../../causes/server/known/mark-known.ts';
import { codePlace } from '../../server/code-place.ts';
import type { Verdict, VerdictCause } from '../../server/verdict/schemas.ts';

/** A verdict without the problems that the project has accepted, and these. Known ones are never new. */
export function withoutKnown(
  verdict: Verdict,
  accepted: Accepted,
  place: string | undefined,
): { readonly verdict: Verdict; readonly known: readonly VerdictCause[] } {
  const causes = verdict.causes.map((cause) => {
    const { sightings: _, ...told } = markKnown(cause, accepted, place, (cause, kind) => {
      const { file: _f, line: _l, column: _c, function: _n, advice: _a, ...rest } = cause;
      const { sentence, route, line, trace_id } = kind;
      return { ...rest, sentence, route, ...(line !== undefined && codePlace(line, undefined)), trace_id };
    });
    return told;
  });
  return {
    verdict: { ...verdict, causes: causes.filter(({ known }) => known === undefined) },
    known: causes
      .filter(({ known }) => known !== undefined)
      .map(({ new: _, last_of: _l, ...cause }) => cause),
  };
}
