import { basename, relative } from 'node:path';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { processContext, recordFailure, setFailed } from '@tandem/http-spans';
import { testName } from './test-name.ts';

/** Between the names of a path. */
const WITHIN = ' › ';

/** A test or a suite, as its runner tells of it. */
export interface TestStart {
  readonly name: string;
  /** Path of the file that the runner was started with. */
  readonly file: string;
  /** Line in the file, where the runner tells it. */
  readonly line?: number | undefined;
  readonly isSuite: boolean;
}

/** A test, or a suite of tests, that runs. */
export class TestSpan {
  readonly span: Span;
  /** Active in everything that the test does. */
  readonly context: Context;
  readonly #start: TestStart;
  readonly #parent: TestSpan | undefined;
  readonly #suites: readonly string[];
  readonly #names: readonly string[];
  #failedChildren = 0;

  /**
   * Starts the span of a test: the root of a trace, or below the test that a subtest belongs to. A root has a link to the span
   * that started the process.
   *
   * @param parent the suite or test around
   */
  constructor(start: TestStart, parent: TestSpan | undefined, tracer: Tracer) {
    const name = testName(start.name);
    this.#start = start;
    this.#parent = parent;
    this.#names = [...(parent === undefined ? [] : parent.#names), name];
    this.#suites = [...(parent === undefined ? [] : parent.#suites), ...(start.isSuite ? [name] : [])];
    const isBelow = parent !== undefined && !parent.#start.isSuite && !start.isSuite;
    const caller = trace.getSpanContext(processContext.value);
    const options = {
      attributes: this.#attributes(),
      links: isBelow || caller === undefined ? [] : [{ context: caller }],
    };
    const path = [testName(basename(start.file)), ...this.#names].join(WITHIN);
    this.span = tracer.startSpan(path, options, isBelow ? parent.context : ROOT_CONTEXT);
    this.context = trace.setSpan(ROOT_CONTEXT, this.span);
    open.add(this);
  }

  #attributes(): Attributes {
    const { file, line, isSuite } = this.#start;
    return {
      'code.file.path': relative(process.cwd(), file),
      'test.suite.name': this.#suites.join(WITHIN) || testName(basename(file)),
      ...(line !== undefined && { 'code.line.number': line }),
      ...(!isSuite && { 'test.case.name': this.#names.join(WITHIN) }),
    };
  }

  /**
   * Ends the span. A test fails with its subtests. A suite is not an Error where one of its tests is, because the failure is
   * told once.
   *
   * @param failed whether the test failed by itself
   * @param error why
   */
  end(failed: boolean, error?: unknown): void {
    if (!open.delete(this)) return;
    const hasFailed = failed || this.#failedChildren > 0;
    if (this.#start.isSuite) {
      this.span.setAttribute('test.suite.run.status', hasFailed ? 'failure' : 'success');
    } else {
      this.span.setAttribute('test.case.result.status', hasFailed ? 'fail' : 'pass');
    }
    if (hasFailed && this.#parent !== undefined) this.#parent.#failedChildren += 1;
    if (failed) this.#fail(error);
    else if (hasFailed && !this.#start.isSuite)
      setFailed(this.span, 'failed_subtest', `failed subtests: ${this.#failedChildren}`);
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

/** The line of a file in a stack. */
function lineIn(file: string, stack: unknown): number | undefined {
  if (file === '' || typeof stack !== 'string') return undefined;
  const at = stack.indexOf(`${file}:`);
  const line = at === -1 ? Number.NaN : Number.parseInt(stack.slice(at + file.length + 1), 10);
  return Number.isNaN(line) ? undefined : line;
}
