import type { SpanStore } from '../../store/store.ts';
import { RUNNER } from '../model/span-facts.ts';
import { firstField, readField } from './field-sql.ts';
import { spanColumns } from './span-columns.ts';

/** Vitest's spans of a test's body and hooks: the result of their parent. */
const PARTS = ['callback', 'beforeEach', 'afterEach'].map((part) => `'vitest.test.runner.test.${part}'`);

/** SQL of whether a span is none of a test, of a suite, or of the runner's own: these have the names that people give to tests. */
export function isNoTest(store: SpanStore): string {
  const test = firstField(store.fields(), 'test.case.name', 'test.suite.name');
  return `(NOT starts_with(coalesce(${spanColumns(store).name}, ''), '${RUNNER}') AND ${test} IS NULL)`;
}

/** SQL of how many tests some spans are, and how many of the tests failed. */
export function testCounts(store: SpanStore): [tests: string, failed: string] {
  const c = spanColumns(store);
  const text = (name: string) => readField(store.fields(), name, 'VARCHAR');
  const isTest = `${text('test.case.name')} IS NOT NULL`;
  const isVitest = `(${text('vitest.test.name')} IS NOT NULL AND ${text('vitest.test.mode')} = 'run')`;
  const isFailure = `${c.name} IN (${PARTS.join(', ')}) AND ${c.error}`;
  return [
    `count(*) FILTER (WHERE ${isTest} OR ${isVitest})`,
    `count(*) FILTER (WHERE ${isTest} AND ${text('test.case.result.status')} = 'fail') + count(DISTINCT ${c.parentId}) FILTER (WHERE ${isFailure})`,
  ];
}
