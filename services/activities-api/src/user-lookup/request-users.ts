import { REQUEST_TIMEOUT_HEADER } from '@tandem/service-kit';
import { withUrlTemplate } from '@tandem/telemetry';
import type { Static } from 'typebox';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { Dispatcher } from 'undici';
import { LookupError } from '../user-directory.ts';
import type { paths } from './documented-api.d.ts';

/** As user-lookup documents it; `node tandem openapi` writes the types of its document. */
const PATH = '/api/users' satisfies keyof paths;

/** 100 users take under 40 KB. */
const MAX_RESPONSE_BYTES = 256 * 1024;

const Answer = Type.Object({
  users: Type.Array(
    Type.Object({ handle: Type.String(), display_name: Type.String(), avatar_url: Type.String() }),
  ),
  missing: Type.Array(Type.String()),
});
const answerSchema = Compile(Answer);

type Answer = Static<typeof Answer>;

/**
 * Asks user-lookup once.
 *
 * The answer is judged when its last byte has come and before undici calls the request finished: an answer that is none
 * ends the request with an error, so that the CLIENT span has it too (`error.type` is the reason of the LookupError).
 *
 * @param handles valid ones, and no more than user-lookup takes in one call
 * @param timeoutMs milliseconds after which the answer is useless, from 1
 * @param token what user-lookup asks callers for, if anything
 * @throws LookupError
 */
export function requestUsers(
  dispatcher: Dispatcher,
  handles: readonly string[],
  timeoutMs: number,
  token?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new UsersRequest({ handles, timeoutMs, token }, resolve, reject);
    withUrlTemplate(PATH, () => dispatcher.dispatch(request.options(), request));
  });
}

/** One request, as undici tells of it. */
class UsersRequest implements Dispatcher.DispatchHandler {
  readonly #handles: readonly string[];
  readonly #timeoutMs: number;
  readonly #token: string | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: LookupError) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #failure: LookupError | undefined;
  #answer: Answer | undefined;
  #isOver = false;
  #status = 0;
  #bytes = 0;
  /** Bytes of the body, where its headers tell. */
  #length: number | undefined;

  constructor(
    question: {
      readonly handles: readonly string[];
      readonly timeoutMs: number;
      readonly token: string | undefined;
    },
    resolve: (answer: Answer) => void,
    reject: (error: LookupError) => void,
  ) {
    this.#handles = question.handles;
    this.#timeoutMs = question.timeoutMs;
    this.#token = question.token;
    this.#resolve = resolve;
    this.#reject = reject;
    // A busy event loop comes to its timers before it reads what has come meanwhile: that is looked at first.
    this.#timer = setTimeout(() => setImmediate(() => this.#giveUp()), question.timeoutMs);
  }

  options(): Dispatcher.DispatchOptions {
    return {
      method: 'GET',
      path: `${PATH}?${this.#handles.map((handle) => `handle=${handle}`).join('&')}`,
      headers: {
        accept: 'application/json',
        [REQUEST_TIMEOUT_HEADER]: String(this.#timeoutMs),
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
      },
    };
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#length = Number(headers['content-length'] ?? Number.NaN);
    if (status !== 200) this.#fail(new LookupError(status === 504 ? 'timeout' : `http_${status}`));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_RESPONSE_BYTES) throw this.#fail(new LookupError('invalid_response'));
    if (this.#failure !== undefined) return;
    this.#chunks.push(chunk);
    if (this.#bytes === this.#length) this.#judge();
  }

  onResponseEnd(): void {
    this.#end();
    if (this.#failure !== undefined) return;
    try {
      this.#resolve(this.#answer ?? this.#judge());
    } catch {
      // The promise was rejected with it.
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    this.#end();
    this.#fail(new LookupError(this.#status === 0 ? 'unreachable' : 'invalid_response', { cause }));
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** The time is over: nothing came, or an answer that does not end. */
  #giveUp(): void {
    if (this.#isOver) return;
    const failure = this.#fail(new LookupError(this.#status === 200 ? 'invalid_response' : 'timeout'));
    this.#controller?.abort(failure);
  }

  /** @throws LookupError which, thrown out of a handler, ends the request with it */
  #judge(): Answer {
    const text = Buffer.concat(this.#chunks).toString();
    try {
      this.#answer = readAnswer(text, this.#handles);
      return this.#answer;
    } catch (cause) {
      throw this.#fail(new LookupError('invalid_response', { cause }));
    }
  }

  /** Rejects the promise; only the first failure counts, and is returned. */
  #fail(failure: LookupError): LookupError {
    if (this.#failure === undefined) {
      this.#failure = failure;
      this.#reject(failure);
    }
    return this.#failure;
  }
}

/** @throws Error when the text is not what user-lookup answers when asked for these handles */
function readAnswer(text: string, handles: readonly string[]): Answer {
  const answer: unknown = JSON.parse(text);
  if (!answerSchema.Check(answer)) throw new Error('the answer has another shape');
  const named = new Set(answer.missing);
  for (const { handle } of answer.users) named.add(handle);
  // To take such a handle for one that nobody has would be wrong: user-lookup lists those.
  if (!handles.every((handle) => named.has(handle)))
    throw new Error('the answer leaves out whom it was asked for');
  return answer;
}
