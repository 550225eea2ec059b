/** What a caller got, as a table has it: `200`, `200 degraded`, `503 with Retry-After`, `no connection`. */
export type AnswerClass = string;

/** Nobody listened. */
const NO_CONNECTION: AnswerClass = 'no connection';
/** The connection ended before the answer did. */
const CUT_OFF: AnswerClass = 'cut off';
/** Nothing came within the caller's patience. */
const NO_ANSWER: AnswerClass = 'no answer';

const SUCCESS = new Set<AnswerClass>(['200', '201']);
/** What docs/openapi has for every request, beside success: a page without names, try again, out of time. */
const DOCUMENTED = new Set<AnswerClass>(['200 degraded', '503 with Retry-After', '504']);

export function isSuccess(answer: AnswerClass): boolean {
  return SUCCESS.has(answer);
}

/** Whether the API's documents have it for every request. */
export function isDocumented(answer: AnswerClass): boolean {
  return isSuccess(answer) || DOCUMENTED.has(answer);
}

/** The class of an answer that has come whole. */
export function classOf(status: number, retryAfter: string | undefined, body: string): AnswerClass {
  if (status === 200 && body.includes('"degraded":true')) return '200 degraded';
  return status === 503 && retryAfter !== undefined ? '503 with Retry-After' : String(status);
}

/** The class of a request that got none. */
export function classOfError(error: NodeJS.ErrnoException): AnswerClass {
  if (error.code === 'ECONNREFUSED') return NO_CONNECTION;
  return error.name === 'TimeoutError' || error.name === 'AbortError' ? NO_ANSWER : CUT_OFF;
}
