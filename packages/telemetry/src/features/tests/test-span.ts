import { basename, relative } from 'node:path';
import type { Context, Span, Tracer } from '@opentelemetry/api';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { recordFailure, setFailed } from '../../common/failures.ts';
import { processContext } from '../../process/context.ts';
import { testName } from './test-name.ts';

/** A test or a suite, as its runner tells of it. */
export interface TestStart {
  readonly name: string;
  /** Path of the file that the runner was started with. */
  readonly file: string;
  /** Line in the file, where the runner tells it. */
  readonly line?: number | undefined;
  readonly isSuite: boolean;
}

/**
 * Starts the span of a test, and makes its context active in the rest of the running callback and in everything that the
 * callback starts.
 *
 * @param parent the suite or test around, where the runner tells it; otherwise the active one
 */
export type EnterTest = (start: TestStart, parent?: TestSpan | null) => TestSpan;

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
    this.path = within(parent?.path, name);
    this.suite = start.isSuite ? within(parent?.suite, name) : (parent?.suite ?? '');
    const isBelow = parent !== undefined && !parent.#start.isSuite && !start.isSuite;
    this.#above = isBelow ? parent : undefined;
    const caller = trace.getSpanContext(processContext.value);
    const options = {
      attributes: {
        'code.file.path': file.path,
        'test.suite.name': this.suite || file.title,
        ...(start.line !== undefined && { 'code.line.number': start.line }),
        ...(!start.isSuite && { 'test.case.name': this.path }),
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
   * @param failed whether the test failed; it fails with its subtests in any case
   * @param error why
   */
  end(failed: boolean, error?: unknown): void {
    if (!open.delete(this)) return;
    const hasFailed = failed || this.#failedSubtest !== undefined;
    if (!this.#start.isSuite) this.span.setAttribute('test.case.result.status', hasFailed ? 'fail' : 'pass');
    if (failed) this.#fail(error);
    else if (hasFailed) setFailed(this.span, 'failed_subtest', this.#failedSubtest);
    if (hasFailed && this.#above !== undefined) this.#above.#failedSubtest = this.path;
    this.span.end();
  }

  #fail(error: unknown): void {
    recordFailure(this.span, error);
    const line = lineIn(this.#start.file, Object(error).stack);
    if (line !== undefined) this.span.setAttribute('code.line.number', line);
  }
}

/** Tests and suites that have not ended. */
const open = new Set<TestSpan>();

/** Ends the open spans at the end of the process, after an uncaught error or `process.exit`. Subtests end before their tests. */
export function endOpenTests(): void {
  for (const test of [...open].reverse())
    test.end(true, Object.assign(new Error('did not end'), { code: 'did_not_end', stack: '' }));
}

/** Calls the `then` of what a body returned in the context of the body. Runners call it later. */
export function startThenable(returned: unknown): unknown {
  return typeof Object(returned).then === 'function' ? Promise.resolve(returned) : returned;
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

/** The line of a file in a stack. */
function lineIn(file: string, stack: unknown): number | undefined {
  if (file === '' || typeof stack !== 'string') return undefined;
  const at = stack.indexOf(`${file}:`);
  const line = at === -1 ? Number.NaN : Number.parseInt(stack.slice(at + file.length + 1), 10);
  return Number.isNaN(line) ? undefined : line;
}
