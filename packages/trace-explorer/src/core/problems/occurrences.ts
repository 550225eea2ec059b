import { perModel } from '../../lib/get-or-make.ts';
import { factsOf, isCall } from '../traces/findings/facts.ts';
import type { Finding } from '../traces/findings/finding.ts';
import { findingKey } from '../traces/findings/finding.ts';
import { intendedIn } from '../traces/findings/polls.ts';
import { ruleNamed, withSmallOf } from '../traces/findings/rules.ts';
import { leakLineOf } from '../traces/findings/waits/holders.ts';
import { isCallersFault, routeName } from '../traces/findings/words.ts';
import { toolOf } from '../traces/model/agents/tool-of.ts';
import type { CodePlace } from '../traces/model/code-place.ts';
import { codePlace, fileKey, isAbsoluteFile, placeOfFrame } from '../traces/model/code-place.ts';
import { errorMessage, isLeftOpen, originsOf } from '../traces/model/error-origins.ts';
import { calledHost, messageShape, shapedName } from '../traces/model/shapes.ts';
import { starvedFor } from '../traces/model/stalls.ts';
import type { TraceModel } from '../traces/model/trace-model.ts';
import type { Compared } from './fingerprint.ts';
import { comparedOf } from './fingerprint.ts';
import { isWeak } from './judge.ts';
import type { ProblemKey } from './problem-key.ts';
import {
  callKey,
  categoryOf,
  ERROR,
  errorKey,
  familyOf,
  isError,
  keyOfId,
  problemId,
} from './problem-key.ts';
import type { ProcessTime, UnitSpan } from './unit-spans.ts';
import { alikeKey, nameIn, stallsAt, unitAt } from './unit-spans.ts';

/** A problem at the span that is to blame, as a trace's errors and rules tell it. */
export interface Blamed {
  readonly key: ProblemKey;
  readonly index: number;
  /** Time that was lost, in nanoseconds. */
  readonly cost: number;
  /** The line of code to look at. */
  readonly place?: CodePlace | undefined;
  /** Whether the error was thrown there: the line may also be that of a call. */
  readonly isThrown?: boolean;
  readonly finding?: Finding;
  /** An error that may be as it should. */
  readonly isFact?: boolean;
}

/** A trace, as far as its occurrences need it: all of one trace have the same one. */
export interface OccurredIn {
  readonly id: string;
  /** How many traces it stands for. */
  readonly weight: number;
  readonly isFailed: boolean;
  /** Where it begins. */
  readonly service: string;
  readonly name: string;
}

/** A problem at one span of one trace: all that is told and judged of it, without the trace. */
export interface Occurrence extends Blamed, Compared {
  readonly trace: OccurredIn;
  readonly spanId: string;
  /** When the span began, in nanoseconds since the epoch. */
  readonly time: bigint;
  /** What it is counted as: the request, message or job above the span. */
  readonly unit: UnitSpan;
  /** The span's name, of a request with its path. */
  readonly name: string;
  /** The message of an error; empty for what a rule tells. */
  readonly message: string;
  /** The name of its finding in the URL of the trace. */
  readonly shown?: string;
  /** The request that waited, if the one to blame is another one. */
  readonly victim?: string;
  /** Whether it is a call that nothing made, as far as the spans tell. */
  readonly isAlone?: boolean;
  /** Of a slow call: what calls like it are known by; and whether it is slow beside other statements of its service. */
  readonly alike?: string;
  readonly isBesideOthers?: boolean;
  /** Of a call that reads: what it asks, and the share of its request that it is. */
  readonly read?: { readonly call: number; readonly share: number };
  /** Where its process stood still, if it is about this; and whether it waited for a processor then. */
  readonly stalls: readonly ProcessTime[];
  readonly isStarved: boolean;
}

/** The spans of a trace that are to blame for a problem; for a rest for all that are alike. */
export function placesIn(model: TraceModel, id: string): readonly Blamed[] {
  const wanted = keyOfId(id);
  const [now, family] = [problemId(wanted), 'isRest' in wanted ? familyOf(wanted) : ''];
  return blamedIn(model).filter(({ key }) =>
    family === '' ? problemId(key) === now : familyOf(key) === family,
  );
}

/** The problems of a trace, at each span that is to blame: worked out once. */
export const occurrencesOf = perModel((model: TraceModel): readonly Occurrence[] => {
  const trace: OccurredIn = {
    id: model.traceId,
    weight: model.sampleRate ?? 1,
    isFailed: model.error[0] === 1,
    service: model.service(0),
    name: model.name(0),
  };
  const all = blamedIn(model);
  // `GET /retry tried GET /flaky twice` is counted in the requests of GET /retry.
  const told = new Map(
    all.flatMap(({ key, index, finding }) =>
      isError(key) && finding !== undefined && finding.rule !== 'failed-request'
        ? [[index, finding.indexes[0] ?? index] as const]
        : [],
    ),
  );
  return all.map((blamed): Occurrence => {
    const { key, index, finding } = blamed;
    const hasCulprit = finding?.culprit !== undefined;
    return {
      ...blamed,
      trace,
      spanId: model.spanId(index),
      time: model.start + BigInt(Math.round(model.offset[index] ?? 0)),
      unit: unitAt(model, index, told.get(index)),
      ...wordsOf(model, blamed),
      ...(finding && { shown: findingKey(model, finding) }),
      ...(hasCulprit && { victim: routeName(model, index) }),
      ...(key.rule === 'slow-call' && slowOf(model, index)),
      stalls: key.rule === 'stood-still' ? stallsAt(model, index) : [],
      isStarved: isWeak(finding) && starvedFor(model, index) > 0,
      ...comparedOf(model, blamed),
    };
  });
});

/** What is judged of a slow call. */
function slowOf(model: TraceModel, index: number): Pick<Occurrence, 'alike' | 'isBesideOthers' | 'read'> {
  const [asked, request] = [model.asked(index), unitAt(model, index).index];
  const share = (model.length[index] ?? 0) / (model.length[request] || 1);
  return {
    alike: alikeKey(model, index),
    isBesideOthers: model.otherStatements(index) > 0,
    ...(asked !== 0 && { read: { call: asked, share } }),
  };
}

/** What the span of a problem says itself: its name, of a request with its path, and the message of an error. */
export function wordsOf(model: TraceModel, { key, index }: Blamed): Pick<Occurrence, 'name' | 'message'> {
  return {
    name: nameIn(model, index),
    message: isError(key) ? errorMessage(model, index) : '',
  };
}

/** The errors and findings of a trace, each at the span that is to blame: worked out once. */
export const blamedIn = perModel((model: TraceModel): readonly Blamed[] => {
  const origins = errorsIn(model).flatMap(({ isExpected, ...origin }) => (isExpected ? [] : origin));
  // Where an error was thrown says more than the call that failed, and that more than the route; who took what is missing, most.
  const thrown = new Map(
    origins.map(({ index }) => {
      const leak = leakLineOf(model, index);
      return [index, leak === undefined ? thrownAt(model, index) : codePlace(leak, undefined)];
    }),
  );
  const places = new Map(
    origins.map(({ index }) => [index, thrown.get(index) ?? placeAt(model, model.line(index), [index])]),
  );
  const findings = withSmallOf(model).flatMap((finding): Blamed[] => {
    const { cost } = finding;
    const code = placeAt(model, finding.line, finding.indexes);
    // A finding about an error belongs to the error's cause.
    const related =
      categoryOf(finding.rule) === 'errors'
        ? origins.filter(({ index }) => isRelated(model, index, finding))
        : [];
    if (related.length > 0)
      return related.map((origin, at) => {
        // A request that says what its calls did not say may have the line of its route: theirs tells more.
        const isBelow = finding.indexes.some((index) => isWithin(model, origin.index, index));
        const isTold = isBelow && places.get(origin.index) !== undefined;
        if (!isTold && thrown.get(origin.index) === undefined && code) places.set(origin.index, code);
        const isFirst = at === 0 && finding.rule !== 'failed-request';
        return { ...origin, cost: isFirst ? cost : 0, finding };
      });
    const index = blamedBy(model, finding);
    // A model's call takes what it takes.
    if (finding.rule === 'slow-call' && model.isGenerative(index)) return [];
    const { isOfCall, isOfCaller } = ruleNamed(finding.rule) ?? {};
    const { culprit } = finding;
    if (culprit !== undefined) {
      const request = { ...operationOf(model, index), ...culprit, kind: 'server' };
      return [{ key: callKey(finding.rule, request), index, cost, place: code, finding }];
    }
    const operation = {
      ...operationOf(model, index),
      target: calledHost(model.target(index) ?? '') || (toolOf(model, index) ?? ''),
      ...((isOfCall || !isCall(model, index)) && { shape: model.shape(index) ?? '' }),
      ...(isOfCaller && { caller: callerOf(model, finding, code) }),
    };
    return [{ key: callKey(finding.rule, operation), index, cost, place: code, finding }];
  });
  const errors = origins.map((origin): Blamed => ({ ...origin, cost: 0 }));
  return [...errors, ...findings].map((blamed) =>
    blamed.key.rule === ERROR
      ? { ...blamed, place: places.get(blamed.index), isThrown: thrown.get(blamed.index) !== undefined }
      : blamed,
  );
});

/**
 * Where the errors of a trace began. One is expected where its request takes the row that was there already, and one is none where only
 * its process ended, and its request had ended before.
 */
const errorsIn = perModel((model: TraceModel) => {
  const { takenInstead } = intendedIn(model);
  const { entry } = factsOf(model, NONE);
  return originsOf(model).map(({ index, isSaid }) => {
    const type = model.exceptionType(index) ?? '';
    const message = isSaid ? messageShape(errorMessage(model, index)) : (model.statusCode(index) ?? '');
    const place = { ...operationOf(model, index), target: toolOf(model, index) ?? '' };
    const isExpected = takenInstead.has(index) || isLeftOpen(model, index, entry[index] ?? -1);
    // A value that the table refused, and of which the answer tells, as 409 does.
    const isFact = model.isDatabase(index) && isCallersFault(model.statusCode(entry[index] ?? -1));
    return { index, key: errorKey(place, { type, message }), isExpected, ...(isFact && { isFact }) };
  });
});

/** The ids of the errors of a trace that its requests expect, and that are no cause there. */
export function expectedIn(model: TraceModel): readonly string[] {
  return errorsIn(model).flatMap(({ isExpected, key }) => (isExpected ? problemId(key) : []));
}

/** @param indexes the spans of which some may have the line */
export function placeAt(
  model: TraceModel,
  line: string | undefined,
  indexes: readonly number[],
): CodePlace | undefined {
  if (line === undefined) return undefined;
  const at = indexes.find((index) => model.line(index) === line) ?? -1;
  return codePlace(line, model.function(at));
}

/** Who makes the calls of a finding: file and function of the line, or the route where one of them is unknown. */
function callerOf(
  model: TraceModel,
  { indexes: [first = 0] }: Finding,
  place: CodePlace | undefined,
): string {
  if (place?.function !== undefined) return `${fileKey(place.file)} ${place.function}`;
  const request = factsOf(model, NONE).entry[first] ?? 0;
  return shapedName(model.name(request), model.shape(request));
}

const NONE: ReadonlySet<number> = new Set();

/** Where the exception of a span was thrown: the span's own line where it is that, else the frame's. */
export function thrownAt(model: TraceModel, index: number): CodePlace | undefined {
  const [line = '', frame = ''] = [model.line(index), model.frame(index)];
  // A file alone says less than the frame. A file outside of its folder has the end of an absolute path.
  const end = line.replace(/^(?:\.\.\/)+/, '/');
  const at = /:\d+$/.test(line) ? frame.indexOf(end) : -1;
  if (at >= 0 && !/^\d/.test(frame.slice(at + end.length))) return placeAt(model, line, [index]);
  const place = placeOfFrame(frame);
  return place !== undefined && isRefuted(line, frame) ? codePlace(line, model.function(index)) : place;
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
  if (called === undefined || isAbsoluteFile(file)) return false;
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
function blamedBy(model: TraceModel, { rule, indexes }: Finding): number {
  const [first = 0] = indexes;
  return rule === 'sequential-calls' ? Math.max(0, model.parent[first] ?? 0) : first;
}

function operationOf(model: TraceModel, index: number) {
  return { service: model.service(index), name: model.name(index), kind: model.kind(index) };
}
