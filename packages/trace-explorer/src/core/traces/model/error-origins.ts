import type { TraceModel } from './trace-model.ts';

/** A span where an error began. */
export interface ErrorOrigin {
  readonly index: number;
  /** Whether the sender says what went wrong. */
  readonly isSaid: boolean;
}

const REQUESTS: ReadonlySet<string> = new Set(['server', 'consumer']);
const CALLS: ReadonlySet<string> = new Set(['client', 'producer']);

/**
 * The spans of a trace where its errors began: failed spans with a message, without the ones that pass a failure on. An error
 * below these has a message too, and every span between both failed. Where no span of a chain of failures has a message, its
 * deepest one counts if a request failed with it: one of the chain, or of the same service. So a 404 that a service expects,
 * or passes on, is no error of it, nor of an outermost caller, such as a test, to which a stored request answered it on
 * purpose.
 *
 *     GET /pay of shop  500            passes on what its call says
 *     └ POST of shop  503              passes it on, too
 *       └ POST /charge of bank  "no row"     here it began
 *     GET /ads of shop  "no ads"       here the second error began,
 *     └ GET of shop  503               and nothing below says more
 */
export function originsOf(model: TraceModel): readonly ErrorOrigin[] {
  const { parent, error, errors } = model;
  if (errors.length === 0) return [];
  /** Whether an unbroken chain of failures leads down to a message, or up to one, or down to any failure. */
  const [saidBelow, saidAbove, failsBelow] = [new Set<number>(), new Set<number>(), new Set<number>()];
  /** Failed requests with the failures below them, and the services of failed requests. */
  const [asked, failing] = [new Set<number>(), new Set<string>()];
  const isSaid = (index: number) => errorMessage(model, index) !== '';
  for (const index of errors.toReversed()) {
    const up = parent[index] ?? -1;
    if (error[up] !== 1) continue;
    failsBelow.add(up);
    if (saidBelow.has(index) || isSaid(index)) saidBelow.add(up);
  }
  /** Calls that a request without a failure answers. */
  const answered = new Set<number>();
  for (let index = 0; index < model.count; index++)
    if (error[index] !== 1 && model.kind(index) === 'server') answered.add(parent[index] ?? -1);
  /** Whether nobody called a span, as far as its sender says: the parent of another one may not be stored. */
  const isRoot = (index: number) => (parent[index] ?? -1) < 0 && model.missingParent(index) === undefined;
  const isRefused = (index: number) =>
    answered.has(index) && CALLS.has(model.kind(index)) && model.statusCode(index)?.startsWith('4') === true;
  for (const index of errors) {
    const up = parent[index] ?? -1;
    if (error[up] === 1 && (saidAbove.has(up) || isSaid(up))) saidAbove.add(index);
    const isRequest = REQUESTS.has(model.kind(index));
    if (isRequest || (isRoot(index) && !isRefused(index)) || asked.has(up)) asked.add(index);
    // A test that fails is a root, too, and says why.
    const isWork = isRoot(index) && !CALLS.has(model.kind(index)) && !isSaid(index);
    if (isRequest || isWork) failing.add(model.service(index));
  }
  return errors.flatMap((index) => {
    if (saidBelow.has(index)) return [];
    if (isSaid(index)) return { index, isSaid: true };
    const isAsked = asked.has(index) || failing.has(model.service(index));
    return isAsked && !saidAbove.has(index) && !failsBelow.has(index) ? { index, isSaid: false } : [];
  });
}

/**
 * SQL of `originsOf` for all traces at once: further tables after `s`, the last one `origins`, which has the columns of `s` and
 * `is_said`. As a query sees the parent of a span, but no span above it, no query says the same.
 * @param answers for FROM: the SERVER spans with a parent, with the columns of `s`
 */
export function originsSql(answers: string): string {
  return `, failed AS MATERIALIZED (SELECT * FROM s WHERE error),
  called AS MATERIALIZED (SELECT id FROM failed WHERE root AND kind IN ('client', 'producer') AND starts_with(status, '4')),
  refused AS (SELECT parent AS id FROM ${answers} WHERE NOT error AND parent IN (SELECT id FROM called)),
  said_below(id) AS (
    SELECT parent FROM failed WHERE message IS NOT NULL AND NOT root
    UNION SELECT f.parent FROM failed f JOIN said_below b ON f.id = b.id WHERE NOT f.root),
  said_above(id) AS (
    SELECT id FROM failed WHERE message IS NOT NULL
    UNION SELECT f.id FROM failed f JOIN said_above a ON f.parent = a.id WHERE NOT f.root),
  asked(id) AS (
    SELECT id FROM failed WHERE (root AND id NOT IN (SELECT id FROM refused)) OR kind IN ('server', 'consumer')
    UNION SELECT f.id FROM failed f JOIN asked a ON f.parent = a.id WHERE NOT f.root),
  failing AS (SELECT DISTINCT trace, service, true AS is_failing FROM failed
    WHERE kind IN ('server', 'consumer') OR (root AND message IS NULL AND kind NOT IN ('client', 'producer'))),
  origins AS MATERIALIZED (
    SELECT *, true AS is_said FROM failed ANTI JOIN said_below USING (id) WHERE message IS NOT NULL
    UNION ALL SELECT * EXCLUDE (is_failing), false FROM failed ANTI JOIN said_below USING (id) ANTI JOIN said_above USING (id)
      ANTI JOIN (SELECT parent AS id FROM failed WHERE NOT root) USING (id) LEFT JOIN failing USING (trace, service)
      WHERE is_failing OR id IN (SELECT id FROM asked))`;
}

/**
 * Whether a span was open when its process ended, and its request had ended before: nobody waited for it, and nobody knows whether it
 * failed.
 * @param request that it belongs to; -1 for none
 */
export function isLeftOpen(model: TraceModel, index: number, request: number): boolean {
  const wasOpen = (at: number) => model.problem(at) === ENDED_WITH_PROCESS;
  return wasOpen(index) && request >= 0 && request !== index && !wasOpen(request);
}

const ENDED_WITH_PROCESS = 'process_ended';

/** The message of an error: the exception's, else the status's; empty without one. */
export function errorMessage(model: TraceModel, index: number): string {
  const [exception, type] = [model.exception(index), model.exceptionType(index)];
  return (exception !== type && exception) || model.statusMessage(index) || '';
}
