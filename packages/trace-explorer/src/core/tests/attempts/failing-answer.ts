import { isRequest } from '../../traces/findings/facts.ts';
import { operationOf, routeOf } from '../../traces/findings/words.ts';
import { errorMessage } from '../../traces/model/error-origins.ts';
import type { TraceModel } from '../../traces/model/trace-model.ts';

/** What a route or another service answered last. */
interface Answer {
  readonly index: number;
  readonly status: string;
}

const SERVER_ERROR = /^5\d\d$/;

/**
 * The answer of 5xx that came before a test failed, as `GET /stock/:sku answered 503`; undefined without one. The assertion tells
 * only what the test saw of it. It is the deepest of its kind, and none that a later one put right, as while a test waits until a
 * server is ready. An error with a message, such as an exception, is a problem of its own, and told as that.
 *
 *     cart.test.js › pays       expected 502 to be 201
 *     └─ POST /cart             502
 *        └─ GET /stock/:sku     503
 */
export function failingAnswer(model: TraceModel, test: number): string | undefined {
  const last = new Map<string, Answer>();
  for (let index = test + 1; index < (model.end[test] ?? 0); index++) {
    const status = model.statusCode(index);
    if (status === undefined) continue;
    if (isRequest(model, index)) last.set(routeOf(model, index), { index, status });
    else if (model.kind(index) === 'client' && !model.isDatabase(index))
      last.set(operationOf(model, index), { index, status });
  }
  const failed = [...last].filter(([, { status }]) => SERVER_ERROR.test(status));
  const depth = ({ index }: Answer) => model.depth[index] ?? 0;
  const [[operation, { index, status }] = ['', NONE]] = failed.toSorted(
    ([, a], [, b]) => depth(b) - depth(a),
  );
  return index < 0 || saysWhy(model, index, test) ? undefined : `${operation} answered ${status}`;
}

const NONE: Answer = { index: -1, status: '' };

/** Whether an error with a message lies above or below a span, within a test. */
function saysWhy(model: TraceModel, index: number, test: number): boolean {
  const isSaid = (at: number) => model.error[at] === 1 && errorMessage(model, at) !== '';
  for (let up = index; up > test; up = model.parent[up] ?? test) if (isSaid(up)) return true;
  for (let below = index + 1; below < (model.end[index] ?? 0); below++) if (isSaid(below)) return true;
  return false;
}
