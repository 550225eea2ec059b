import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { runCli, startCli } from '../../core/command/run-cli.ts';
import { randomId, temporaryDirectory } from '../../spans.ts';
import { compact, isFigures, recordedEngine, spanRow } from './recorded-engine.ts';

/** An engine with 40 traces chosen of 400, of which some fail. */
function someTraces(t: Parameters<typeof recordedEngine>[0], failing: number) {
  const ids = Array.from({ length: 40 }, () => randomId(16));
  return recordedEngine(t, ({ sql }) => {
    if (isFigures(sql)) return compact([['shop', 'GET /', '7', 400, 10, [1, 1, 1], 400, 400, 1]]);
    if (sql.startsWith('SELECT kind')) return compact([[2, '8', 400]]);
    if (sql.startsWith('SELECT trace, ')) return compact(ids.map((id) => [1, id, 2, '10']));
    if (!sql.startsWith('SELECT toString(cityHash64(TraceId)), TraceId, SpanId')) return undefined;
    return compact(ids.map((id, at) => spanRow(id, id.slice(16)).with(9, at < failing ? 'Error' : 'Unset')));
  });
}

t.test('the file of a pull is a run for every command that reads one', async (t) => {
  const folder = temporaryDirectory(t);
  const [before, after] = [join(folder, 'before.gz'), join(folder, 'after.gz')];
  for (const [file, failing] of [
    [before, 0],
    [after, 36],
  ] as const) {
    const { address } = await someTraces(t, failing);
    const { code, error } = await runCli('pull', [address, '--save', file, '--name', 'prod']);
    t.equal(code, 0, error);
  }
  const compared = await runCli('compare', [before, after]);
  t.equal(compared.code, 1, compared.error);
  t.match(compared.out, /≈ 400 → ≈ 400 requests, seen in 40 → 40 traces/);
  t.match(compared.out, /errors 0 % → 90 %/);
  const report = await runCli('report', [after, '--base', before]);
  t.match(report.out, /problem.* that the base did not show/);
  t.notMatch(report.out, /gone/);
  const checks = join(folder, 'checks.json');
  const trigger = (name: string, filter: object, calculation: object = { op: 'COUNT' }) => ({
    name,
    query: { calculations: [calculation], filters: [filter] },
    threshold: { op: '>', value: 1000 },
    frequency: 1800,
  });
  writeFileSync(
    checks,
    JSON.stringify([
      trigger('failing', { column: 'error', op: 'exists' }),
      trigger('other', { column: 'name', op: '=', value: 'GET /other' }),
      trigger('slow', { column: 'name', op: '=', value: 'GET /' }, { op: 'P99', column: 'duration_ms' }),
    ]),
  );
  const checked = await runCli('check', [checks, '--run', after]);
  t.match(checked.out, /failing: COUNT is ≈ 360/, checked.error);
  t.match(checked.out, /other: COUNT is ≈? ?0, would fire/);
  t.match(checked.out, /slow: P99\(duration_ms\) is ≈ [\d.]+, would fire/);
  const verified = await runCli('verify', ['--run', after]);
  t.match(verified.out, /wrong-type: the table that the traces were pulled from/);
  const rules = join(folder, 'rules.yaml');
  writeFileSync(
    rules,
    'processors:\n  tail_sampling:\n    policies:\n      - { name: errors, type: status_code, status_code: { status_codes: [ERROR] } }\n',
  );
  const sampled = await runCli('sample', [after, '--rules', rules]);
  t.match(sampled.out, /tried on 40 pulled traces[\s\S]*400 events/, sampled.error);
});

t.test(
  'without --save an explorer shows the pull alone, until it is stopped, and nothing is left',
  async (t) => {
    const { address } = await someTraces(t, 3);
    const work = mkdtempSync(join(tmpdir(), 'tandem-pull-'));
    t.teardown(() => rmSync(work, { recursive: true, force: true }));
    const { child, output } = startCli('pull', [address, '--name', 'prod'], {
      TMPDIR: work,
      EXPLORER_FORWARD: 'http://127.0.0.1:1',
    });
    const url = await until(() => /Traces: (\S+)/.exec(output.out)?.[1], {
      what: () => output.error + output.out,
    });
    const place = new URL(url);
    const query = `start_time=${place.searchParams.get('start')}&end_time=${place.searchParams.get('end')}`;
    const overview = (await (await fetch(`${place.origin}/api/overview?${query}`)).json()) as {
      counted: object;
      spans: number;
    };
    t.match(overview, { counted: { name: 'prod', traces: 400, pulled: 40 }, spans: 40 });
    const closed = once(child, 'close');
    child.kill('SIGINT');
    await closed;
    t.same(readdirSync(work), []);
  },
);
