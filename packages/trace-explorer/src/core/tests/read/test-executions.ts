import { readField } from '../../store/read/field-sql.ts';
import type { SpanStore } from '../../store/store.ts';
import { spanColumns } from '../../traces/read/span-columns.ts';

/** Vitest's span around all tests that it runs at once: with `--watch`, each time in a trace of its own. */
const VITEST_RUN = 'vitest.test_run';
/** Vitest's spans of a test and of a suite. Their ids begin with one of the file and its project: `-1158125660_0_2` is in `-1158125660_0`. */
const VITEST_TASKS = ['test', 'suite'].map((of) => `'vitest.test.runner.run.${of}'`).join(', ');

/**
 * SQL of the tests that a watching runner has run again since: a select of `seq`, the tests' spans. The newest execution of a test
 * counts. Of Vitest, whose runs say when they have ended, a test that the newest one of its whole file no longer has is gone; other
 * runners may have been stopped before they came to it. Undefined where no runner watched.
 *
 * @param run SQL of the run's id @param condition on the spans of tests
 */
export function replacedSql(store: SpanStore, run: string, condition: string): string | undefined {
  const fields = store.fields();
  const ofTests = fields.has('tandem.test.execution') ? testsSql(store, run, condition) : undefined;
  const ofVitest =
    fields.has('vitest.test.id') && fields.has('service.instance.id')
      ? vitestSql(store, run, condition)
      : undefined;
  const tables = [ofTests, ofVitest].filter((table) => table !== undefined);
  if (tables.length === 0) return undefined;
  return `SELECT seq FROM (
    SELECT seq, began, max(began) FILTER (is_test AND ran) OVER (PARTITION BY file, test) AS newest, max(began) FILTER (NOT is_part) OVER (PARTITION BY file) AS newest_whole
    FROM (${tables.join('\nUNION ALL ')})) WHERE began < greatest(newest, newest_whole)`;
}

/** Tests with a span of telemetry's: `file` (equal for executions of a file), `test`, `began` (when the execution did), `is_part` (whether it may have run a part of the file). */
function testsSql(store: SpanStore, run: string, condition: string): string {
  const { isSpan, service } = spanColumns(store);
  const fields = store.fields();
  const field = (name: string) => readField(fields, name, 'VARCHAR');
  const [execution, name] = [field('tandem.test.execution'), field('test.case.name')];
  return `SELECT seq, file, test, true AS is_test, true AS ran, min(time) OVER same AS began, true AS is_part FROM (
      SELECT _seq AS seq, _time AS time, ${execution} AS execution, ${name} AS test,
        hash(${run}, ${service}, ${field('code.file.path')}, ${field('tandem.test.group')}) AS file
      FROM spans WHERE ${isSpan} AND ${condition} AND ${execution} IS NOT NULL AND ${name} IS NOT NULL)
    WINDOW same AS (PARTITION BY file, execution)`;
}

/**
 * The same of Vitest's tests and suites, of each process that ran tests in several traces. Vitest does not say that it leaves out tests by
 * their names: an execution is a part of the file if it skips what another one ran.
 */
function vitestSql(store: SpanStore, run: string, condition: string): string {
  const c = spanColumns(store);
  const field = (name: string) => readField(store.fields(), name, 'VARCHAR');
  const either = (name: string) =>
    `coalesce(${field(`vitest.test.${name}`)}, ${field(`vitest.suite.${name}`)})`;
  const spans = `FROM spans WHERE ${c.isSpan} AND ${condition}`;
  return `SELECT * FROM (WITH runs AS (SELECT ${c.traceId} AS trace, hash(${run}, ${c.service}, ${c.instance}) AS instance ${spans} AND ${c.name} = '${VITEST_RUN}'),
    watched AS (SELECT DISTINCT trace, instance FROM runs WHERE instance IN (SELECT instance FROM runs GROUP BY 1 HAVING count(DISTINCT trace) > 1)),
    tasks AS (SELECT _seq AS seq, _time AS time, trace, hash(instance, regexp_extract(id, '^[^_]+')) AS file, id, called, is_test, ran FROM watched JOIN (
      SELECT _seq, _time, ${c.traceId} AS trace, ${either('id')} AS id, ${either('name')} AS called, ${field('vitest.test.id')} IS NOT NULL AS is_test, ${either('mode')} = 'run' AS ran
      ${spans} AND ${c.name} IN (${VITEST_TASKS})) USING (trace)),
    placed AS (SELECT task.seq, any_value(task.time) AS time, any_value(task.trace) AS trace, any_value(task.file) AS file, any_value(task.is_test) AS is_test, any_value(task.ran) AS ran,
        string_agg(above.called, chr(10) ORDER BY length(above.id)) AS test
      FROM tasks AS task JOIN tasks AS above ON above.trace = task.trace AND above.file = task.file
        AND (above.seq = task.seq OR (NOT above.is_test AND starts_with(task.id, above.id || '_')))
      GROUP BY task.seq),
    begun AS (SELECT *, min(time) OVER (PARTITION BY trace, file) AS began, bool_or(ran) OVER (PARTITION BY file, test) AS ever FROM placed)
    SELECT seq, file, test, is_test, ran, began, bool_or(ever AND NOT ran) OVER (PARTITION BY trace, file) AS is_part FROM begun)`;
}
