import { basename, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Context, Span, Tracer } from '@opentelemetry/api';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  ATTR_TEST_ATTEMPT,
  ATTR_TEST_EXECUTION,
  ATTR_TEST_GROUP,
  ATTR_TEST_RUNNER,
  ATTR_TEST_WORKER,
} from '../../attributes.ts';
import { failureOf, recordFailure, setFailed } from '../../common/failures.ts';
import { processContext } from '../../process/context.ts';
import type { Execution } from './execution.ts';
import { testName } from './test-name.ts';

/** A test or a suite, as its runner tells of it; of a test that is tried again, one attempt. */
export interface TestStart {
  readonly runner: 'jest' | 'mocha' | 'node:test' | 'playwright' | 'tap';
  readonly name: string;
  /** The names of the suites around, the outer one first, where they have no spans. */
  readonly suites?: readonly string[];
  /** Path of the file that the runner was started with. */
  readonly file: string;
  /** Line in the file, where the runner tells it. */
  readonly line?: number | undefined;
  readonly isSuite: boolean;
  /** How often the test was tried before. */
  readonly attempt?: number | undefined;
  /** The runner's name for the process or thread, where it has several. */
  readonly worker?: string | undefined;
  /** Where the runner watches. */
  readonly execution?: Execution | undefined;
}

/** What became of a test. `skip`: it skipped itself while it ran. */
export type TestStatus = 'pass' | 'fail' | 'skip';

/**
 * Starts the span of a test, and makes its context active in the rest of the running callback and in everything that the
 * callback starts.
 *
 * @param parent the suite or test around, where the runner tells it; otherwise the active one
 */
export type EnterTest = (start: TestStart, parent?: TestSpan | null) => TestSpan;

/** How a runner whose suites have no spans makes those of attempts. */
export interface Attempts {
  /** As `EnterTest`, outside of all suites. */
  enter(start: TestStart): TestSpan;
  /** Makes the context of an attempt active again in the rest of the running callback. */
  again(test: TestSpan): void;
  /** Makes the context outside of all tests active in the rest of the running callback. */
  leave(): void;
}

/** A test, or a suite of tests, that runs. */
export class TestSpan {
  readonly span: Span;
  /** Active in everything that the test does. */
  readonly context: Context;
  readonly #start: TestStart;
  /** The names of the suites around, and of all tests and suites around, with the own. */
  readonly suite: string;
  readonly path: string;
  /** The test that this is a subtest of. */
  readonly #above: TestSpan | undefined;
  #failedSubtest: string | undefined;

  /**
   * Starts the span of a test: the root of a trace, or below the test that a subtest belongs to. A root has a link to the span
   * that started the process.
   *
   * @param parent the suite or test around
   */
  constructor(start: TestStart, parent: TestSpan | undefined, tracer: Tracer) {
    const name = testName(start.name);
    this.#start = start;
    const file = fileOf(start.file);
    const suites = start.suites?.reduce((above, each) => within(above, testName(each)), '');
    this.path = within(suites ?? parent?.path, name);
    this.suite = start.isSuite ? within(parent?.suite, name) : (suites ?? parent?.suite ?? '');
    const isBelow = parent !== undefined && !parent.#start.isSuite && !start.isSuite;
    this.#above = isBelow ? parent : undefined;
    const caller = trace.getSpanContext(processContext.value);
    const options = {
      attributes: {
        'code.file.path': file.path,
        'test.suite.name': this.suite || file.title,
        [ATTR_TEST_RUNNER]: start.runner,
        ...(start.line !== undefined && { 'code.line.number': start.line }),
        ...(start.worker !== undefined && { [ATTR_TEST_WORKER]: start.worker }),
        ...(start.execution !== undefined && executionOf(start.execution)),
        ...(!start.isSuite && { 'test.case.name': this.path, [ATTR_TEST_ATTEMPT]: start.attempt ?? 0 }),
      },
      links: this.#above || caller === undefined ? [] : [{ context: caller }],
    };
    this.span = tracer.startSpan(
      within(file.title, this.path),
      options,
      this.#above?.context ?? ROOT_CONTEXT,
    );
    this.context = trace.setSpan(ROOT_CONTEXT, this.span);
    open.add(this);
  }

  /**
   * Ends the span. A suite is not an Error where one of its tests is, because the failure is told once.
   *
   * @param status as the runner tells it; a test fails with its subtests in any case
   * @param error why it failed
   */
  end(status: TestStatus, error?: unknown): void {
    if (!open.delete(this)) return;
    const hasFailed = status === 'fail' || this.#failedSubtest !== undefined;
    if (!this.#start.isSuite) this.span.setAttribute('test.case.result.status', hasFailed ? 'fail' : status);
    if (status === 'fail') this.#fail(error);
    else if (hasFailed) setFailed(this.span, 'failed_subtest', this.#failedSubtest);
    if (hasFailed && this.#above !== undefined) this.#above.#failedSubtest = this.path;
    this.span.end();
  }

  #fail(error: unknown): void {
    recordFailure(this.span, withoutColors(error));
    const line = lineIn(this.#start.file, failureOf(error).stack);
    if (line !== undefined) this.span.setAttribute('code.line.number', line);
  }
}

function executionOf({ id, group }: Execution) {
  return {
    [ATTR_TEST_EXECUTION]: id,
    ...(group !== undefined && { [ATTR_TEST_GROUP]: group }),
  };
}

/** Tests and suites that have not ended. */
const open = new Set<TestSpan>();

/** Ends the open spans at the end of the process, after an uncaught error or `process.exit`. Subtests end before their tests. */
export function endOpenTests(): void {
  for (const test of [...open].reverse())
    test.end('fail', Object.assign(new Error('did not end'), { code: 'did_not_end', stack: '' }));
}

/** Calls the `then` of what a body returned in the context of the body. Runners call it later. */
export function startThenable(returned: unknown): unknown {
  return typeof Object(returned).then === 'function' ? Promise.resolve(returned) : returned;
}

/** The same error, of which a runner colours the message for the terminal, as it reads without colours. */
function withoutColors(error: unknown): unknown {
  const { name, message, stack, code } = failureOf(error);
  if (!message.includes('\u001b')) return error;
  const plain = new Error(stripVTControlCharacters(message));
  return Object.assign(plain, { name, code, stack: stripVTControlCharacters(stack) });
}

function within(above: string | undefined, name: string): string {
  return above === undefined || above === '' ? name : `${above} › ${name}`;
}

const files = new Map<string, { readonly path: string; readonly title: string }>();

/** The path of a test file as the folder sees it, and its name. Once for each file: there may be thousands of tests in it. */
function fileOf(file: string): { readonly path: string; readonly title: string } {
  const made = files.get(file) ?? { path: relative(process.cwd(), file), title: testName(basename(file)) };
  files.set(file, made);
  return made;
}

/** The line of a file in a stack, where Mocha has shortened the file's path to that from the folder. */
function lineIn(file: string, stack: string): number | undefined {
  if (file === '') return undefined;
  for (const named of [`${file}:`, `(${fileOf(file).path}:`]) {
    const at = stack.indexOf(named);
    const line = at === -1 ? Number.NaN : Number.parseInt(stack.slice(at + named.length), 10);
    if (!Number.isNaN(line)) return line;
  }
  return undefined;
}
