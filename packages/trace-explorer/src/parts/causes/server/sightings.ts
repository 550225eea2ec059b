import { factsOf, isCall } from '../../../core/traces/findings/facts.ts';
import type { Finding } from '../../../core/traces/findings/finding.ts';
import { intendedIn } from '../../../core/traces/findings/rules/intended.ts';
import { ruleNamed, withSmallOf } from '../../../core/traces/findings/rules.ts';
import { leakLineOf } from '../../../core/traces/findings/waits/holders.ts';
import { toolOf } from '../../../core/traces/model/agents/tool-of.ts';
import { errorMessage, originsOf } from '../../../core/traces/model/error-origins.ts';
import { placeOfFrame } from '../../../core/traces/model/frame-place.ts';
import { calledHost, messageShape, shapedName } from '../../../core/traces/model/shapes.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { perModel } from '../../../lib/get-or-make.ts';
import { categoryOf } from './about.ts';
import type { CauseKey } from './cause-key.ts';
import { causeId, keyAt, keyOfId, oldIdOf, REST } from './cause-key.ts';
import { ERROR } from './schemas.ts';

/** A cause in a trace, at the span that is to blame. */
export interface Sighting {
  readonly key: CauseKey;
  readonly index: number;
  readonly lost: number;
  /** The line of code to look at, and its function. */
  readonly code?: { readonly line: string; readonly called: string | undefined } | undefined;
  readonly finding?: Finding;
}

/** The spans of a trace that are to blame for a cause; for a rest, or a link of before, for all that are alike. */
export function placesIn(model: TraceModel, id: string): readonly Sighting[] {
  const key = keyOfId(id);
  const { shape, caller } = key;
  const isOfAll = shape === REST || (shape === '' && caller === '');
  const [now, old] = [causeId(key), oldIdOf(id)];
  return sightingsOf(model).filter(({ key }) => {
    const own = causeId(key);
    return own === now || (isOfAll && oldIdOf(own) === old);
  });
}

/** The errors and findings of a trace, each at the span that is to blame: worked out once. */
export const sightingsOf = perModel((model: TraceModel): readonly Sighting[] => {
  const origins = errorsIn(model).flatMap(({ isExpected, ...origin }) => (isExpected ? [] : origin));
  // Where an error was thrown says more than the call that failed, and that more than the route; who took what is missing, most.
  const thrown = new Map(
    origins.map(({ index }) => {
      const leak = leakLineOf(model, index);
      return [index, leak === undefined ? thrownAt(model, index) : { line: leak, called: undefined }];
    }),
  );
  const codes = new Map(
    origins.map(({ index }) => [index, thrown.get(index) ?? codeAt(model, model.line(index), [index])]),
  );
  const findings = withSmallOf(model).flatMap((finding): Sighting[] => {
    const lost = finding.cost;
    const code = codeAt(model, finding.line, finding.indexes);
    // A finding about an error belongs to the error's cause.
    const related =
      categoryOf(finding.rule) === 'errors'
        ? origins.filter(({ index }) => isRelated(model, index, finding))
        : [];
    if (related.length > 0)
      return related.map((origin, at) => {
        // A request that says what its calls did not say may have the line of its route: theirs tells more.
        const isBelow = finding.indexes.some((index) => isWithin(model, origin.index, index));
        const isTold = isBelow && codes.get(origin.index) !== undefined;
        if (!isTold && thrown.get(origin.index) === undefined && code) codes.set(origin.index, code);
        const isFirst = at === 0 && finding.rule !== 'failed-request';
        return { ...origin, lost: isFirst ? lost : 0, finding };
      });
    const index = blamed(model, finding);
    // A model's call takes what it takes.
    if (finding.rule === 'slow-call' && model.isGenerative(index)) return [];
    const { isOfCall, isOfCaller } = ruleNamed(finding.rule) ?? {};
    const { culprit } = finding;
    if (culprit !== undefined) {
      const place = { ...operationOf(model, index), ...culprit, kind: 'server' };
      return [{ key: keyAt(finding.rule, place), index, lost, code, finding }];
    }
    const place = {
      ...operationOf(model, index),
      target: calledHost(model.target(index) ?? '') || (toolOf(model, index) ?? ''),
      ...((isOfCall || !isCall(model, index)) && { shape: model.shape(index) ?? '' }),
      ...(isOfCaller && { caller: callerOf(model, finding, code) }),
    };
    return [{ key: keyAt(finding.rule, place), index, lost, code, finding }];
  });
  const errors = origins.map((origin): Sighting => ({ ...origin, lost: 0 }));
  return [...errors, ...findings].map((sighting) =>
    sighting.key.rule === ERROR ? { ...sighting, code: codes.get(sighting.index) } : sighting,
  );
});

/** Where the errors of a trace began. One is expected where its request takes the row that was there already. */
const errorsIn = perModel((model: TraceModel) => {
  const { takenInstead } = intendedIn(model);
  return originsOf(model).map(({ index, isSaid }) => {
    const type = model.exceptionType(index) ?? '';
    const message = isSaid ? messageShape(errorMessage(model, index)) : (model.statusCode(index) ?? '');
    const place = { ...operationOf(model, index), target: toolOf(model, index) ?? '' };
    const isExpected = takenInstead.has(index);
    return { index, key: keyAt(ERROR, place, { type, message }), isExpected };
  });
});

/** The ids of the errors of a trace that its requests expect, and that are no cause there. */
export function expectedIn(model: TraceModel): readonly string[] {
  return errorsIn(model).flatMap(({ isExpected, key }) => (isExpected ? causeId(key) : []));
}

/** @param indexes the spans of which some may have the line */
export function codeAt(
  model: TraceModel,
  line: string | undefined,
  indexes: readonly number[],
): Sighting['code'] {
  if (line === undefined) return undefined;
  const at = indexes.find((index) => model.line(index) === line) ?? -1;
  return { line, called: model.function(at) };
}

/** Who makes the calls of a finding: file and function of the line, or the route where one of them is unknown. */
function callerOf(model: TraceModel, { indexes: [first = 0] }: Finding, code: Sighting['code']): string {
  if (code?.called !== undefined) return `${fileOf(code)} ${code.called}`;
  const request = factsOf(model, NONE).entry[first] ?? 0;
  return shapedName(model.name(request), model.shape(request));
}

/** The file of a line, without its number: `src/orders.js` of `src/orders.js:31`. */
export function fileOf({ line, called }: NonNullable<Sighting['code']>): string {
  return line.replace(/(?::\d+){1,2}$/, '').replace(` in ${called}`, '');
}

const NONE: ReadonlySet<number> = new Set();

/** Where the exception of a span was thrown: the span's own line where it is that, else the frame's. */
export function thrownAt(model: TraceModel, index: number): Sighting['code'] {
  const [line = '', frame = ''] = [model.line(index), model.frame(index)];
  // A file alone says less than the frame.
  const at = /:\d+$/.test(line) ? frame.indexOf(line) : -1;
  if (at >= 0 && !/^\d/.test(frame.slice(at + line.length))) return codeAt(model, line, [index]);
  const place = placeOfFrame(frame);
  if (place === undefined) return undefined;
  return isRefuted(line, frame)
    ? { line, called: model.function(index) }
    : { line: place.line, called: place.called };
}

/** The end of a file of JavaScript without a line. */
const JAVASCRIPT = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/;

/**
 * Whether telemetry has looked at the frame of an error and said its file without a line: code that was compiled and evaluated under
 * the name of the file has other lines. Only telemetry's paths, and those of its frames, are relative to a folder that it names.
 */
function isRefuted(line: string, frame: string): boolean {
  // Of a test a span has the file alone, and telemetry has not looked.
  const [file = '', called] = line.split(' in ', 2);
  if (called === undefined) return false;
  const isNamed = (before: string) => frame.includes(`${before}${file}:`);
  return JAVASCRIPT.test(file) && ['(', 'at ', 'async '].some(isNamed);
}

/** Whether an error began at a span of the finding, or below it, or passed it on its way up. */
function isRelated(model: TraceModel, origin: number, { indexes }: Finding): boolean {
  return indexes.some((index) => isWithin(model, origin, index) || isWithin(model, index, origin));
}

/** Whether a span is another one, or below it. */
function isWithin(model: TraceModel, inner: number, outer: number): boolean {
  return inner >= outer && inner < (model.end[outer] ?? 0);
}

/** The span that is to blame: of calls one after the other, the caller. */
function blamed(model: TraceModel, { rule, indexes }: Finding): number {
  const [first = 0] = indexes;
  return rule === 'sequential-calls' ? Math.max(0, model.parent[first] ?? 0) : first;
}

function operationOf(model: TraceModel, index: number) {
  return { service: model.service(index), name: model.name(index), kind: model.kind(index) };
}
