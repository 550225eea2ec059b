import { asOriginal } from '../../common/as-original.ts';
import { quietly } from '../../common/quietly.ts';
import { newExecution } from './execution.ts';
import type { Attempts, TestSpan } from './test-span.ts';

/** The used members of Playwright's `testInfo`. */
interface TestInfo {
  readonly title: string;
  /** The file, the names of the suites around, and the own one. */
  readonly titlePath: readonly string[];
  readonly file: string;
  readonly line: number;
  readonly retry: number;
  readonly repeatEachIndex: number;
  readonly workerIndex: number;
  /** Its own of each project and of each repetition. */
  readonly testId: string;
  readonly project: Project;
  readonly expectedStatus: string;
}

interface Project {
  readonly name: string;
  readonly retries: number;
  readonly use?: { readonly trace?: unknown };
}

/** What a worker sends at the end of an attempt. */
interface TestEnd {
  readonly status: string;
  readonly expectedStatus: string;
  readonly errors: readonly (TestError & { readonly error?: TestError })[];
}
interface TestError {
  readonly message?: string;
  readonly stack?: string;
  readonly value?: string;
}

/** The used members of a worker of Playwright Test, and of its class. */
interface Worker {
  dispatchEvent(method: string, params: unknown): void;
  readonly _currentTest?: TestInfo | null;
}
export interface WorkerClass {
  readonly prototype: Worker;
}

/** The class of an error at the start of its message, as Playwright writes it. */
const CLASS = /^(\w{1,80}): /;

/**
 * Makes a span of each attempt of a test of Playwright Test. A worker announces the attempt in the function that runs its hooks,
 * its fixtures and its body, so what is entered there is active in all of them, and in `beforeAll` where the attempt runs it.
 *
 * @param ProcessRunner the class of workers, of which each has a process of its own
 * @param tell is told whether the tests have spans, or what is not there
 * @throws Error that says what is not there
 */
export function tracePlaywright(
  ProcessRunner: WorkerClass | undefined,
  { enter, leave }: Attempts,
  tell: (error?: unknown) => void,
): void {
  const { dispatchEvent } = Object(ProcessRunner?.prototype);
  if (ProcessRunner === undefined || typeof dispatchEvent !== 'function')
    throw new Error('its ProcessRunner has no dispatchEvent');
  let running: TestSpan | undefined;
  const begin = (info: TestInfo | null | undefined) => {
    if (typeof info?.titlePath?.slice !== 'function')
      return tell(new Error('its worker has no _currentTest'));
    tell();
    if (info.expectedStatus === 'skipped') return;
    const { project, titlePath, title, repeatEachIndex, file, line, retry, workerIndex, testId } = info;
    running = enter({
      runner: 'playwright',
      name: repeatEachIndex === 0 ? title : `${title} (repeat ${repeatEachIndex})`,
      suites: [...(project.name === '' ? [] : [`[${project.name}]`]), ...titlePath.slice(1, -1)],
      file,
      line,
      isSuite: false,
      attempt: retry,
      worker: String(workerIndex),
      execution: isOfUiMode(project) ? newExecution({ group: testId }) : undefined,
    });
  };
  const end = ({ status, expectedStatus, errors }: TestEnd) => {
    leave();
    if (status === 'skipped') running?.end('skip');
    else if (status === expectedStatus) running?.end('pass');
    else if (status === 'passed') running?.end('fail', errorOf({ message: 'it was to fail' }, status));
    else running?.end('fail', errorOf(errors[0], status));
    running = undefined;
  };
  const heard = function (this: Worker, method: string, params: unknown) {
    if (method === 'testBegin') quietly(() => begin(this._currentTest));
    else if (method === 'testEnd') quietly(() => end(params as TestEnd));
    return Reflect.apply(dispatchEvent, this, [method, params]);
  };
  ProcessRunner.prototype.dispatchEvent = asOriginal(heard, dispatchEvent);
}

/** Whether the test is run in UI mode, which shows its trace as it is written, and has no retries: each attempt is an execution. */
function isOfUiMode({ retries, use }: Project): boolean {
  const { live, _live } = Object(use?.trace);
  return retries === 0 && (live === true || _live === true);
}

/** The error of an attempt, which Playwright has turned into texts. */
function errorOf(found: TestEnd['errors'][number] | undefined, status: string): Error {
  const { message, value, stack = '' } = found?.error ?? found ?? {};
  const text = message ?? value ?? status;
  const [start = '', name = 'Error'] = CLASS.exec(text) ?? [];
  return Object.assign(new Error(text.slice(start.length)), { name, stack });
}
