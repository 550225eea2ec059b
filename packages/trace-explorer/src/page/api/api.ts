import { pageSettings } from '../browser/settings.ts';
import { track } from '../browser/under-way.ts';

/** What an answer says of a refusal besides its message. */
interface Refusal {
  /** The wrong parts of the request, each with a description. */
  readonly details?: readonly { field: string; description: string }[] | undefined;
  /** Name of the problem; only the explorer's own routes give one. */
  readonly code?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** A request with a refusal or without an answer. The message is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  readonly refusal: Refusal;

  constructor(status: number, message: string, refusal: Refusal = {}) {
    super(message);
    this.status = status;
    this.refusal = refusal;
  }
}

/**
 * Reads JSON from the explorer. A saved trace reads from its own page.
 * @throws ApiError, or the signal's reason when it is aborted
 */
export function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  if (answerHere !== undefined) return track(answerHere(path) as Promise<T>);
  return track(answerOf<T>(path, { ...(signal && { signal }) }));
}

/** Answers a path without the explorer. @throws ApiError */
let answerHere: ((path: string) => Promise<unknown>) | undefined;

/** From now on, `getJson` asks a function instead of the explorer: a saved trace reads from its own page. */
export function answerBy(answer: NonNullable<typeof answerHere>): void {
  answerHere = answer;
}

/**
 * Sends JSON, or a file unchanged, to the explorer and reads the answer.
 * @throws ApiError, or the signal's reason when it is aborted
 */
export function send<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const written = body instanceof Blob ? body : JSON.stringify(body);
  const content = body !== undefined && { headers: { 'content-type': 'application/json' }, body: written };
  return track(answerOf<T>(path, { method, ...content, ...(signal && { signal }) }));
}

/** The message of an error, for people. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether no request gets through: the explorer does not answer, or the session has ended. */
export function isUnreachable(error: Error | undefined): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 401);
}

/** Tells, by its event `change`, that no request gets through. */
export const unreachable = new EventTarget();

async function answerOf<T>(path: string, init: RequestInit): Promise<T> {
  return (await responseOf(path, init)).json() as Promise<T>;
}

/** The explorer's answer before it is read. @throws ApiError, or the signal's reason when it is aborted */
export async function responseOf(path: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(path, init).catch((error: unknown) => {
      if (init.signal?.aborted) throw error;
      throw new ApiError(
        0,
        `The explorer does not answer. If it ended with its run, "${pageSettings.open}" in the same folder shows the run again, and the page goes on by itself. Otherwise start it again.`,
      );
    });
    if (!response.ok) throw await failureOf(response);
    return response;
  } catch (error) {
    if (error instanceof Error && isUnreachable(error)) unreachable.dispatchEvent(new Event('change'));
    throw error;
  }
}

interface ProblemBody {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  /** The reason in Honeycomb's form. */
  readonly error?: string;
  readonly type_detail?: readonly { field: string; description: string }[];
  /** The wrong parts in the form of the explorer's own routes. */
  readonly errors?: readonly { field: string; detail: string }[];
}

async function failureOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as ProblemBody;
  const message = body.error ?? body.detail ?? body.title ?? `The explorer answered ${response.status}.`;
  const details =
    body.type_detail ?? body.errors?.map(({ field, detail }) => ({ field, description: detail }));
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  const retryAfterSeconds = Number.isNaN(retryAfter) ? undefined : retryAfter;
  return new ApiError(response.status, message, { details, code: body.code, retryAfterSeconds });
}
