import { readFileSync } from 'node:fs';
import t from 'tap';
import { askFor, openQuery } from './open-query.ts';

const { open, page, problems, violations } = await openQuery(t);

t.test('the traces of a query are saved by keyboard, one on a line', async (t) => {
  await open(askFor({ filters: [{ column: 'span.kind', op: '=', value: 'server' }], time_range: 3600 }));
  await page.getByRole('tab', { name: 'Raw rows' }).click();
  const link = page.getByRole('link', { name: 'Export traces' });
  await link.focus();
  t.same(await violations(), []);
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  const lines = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\n');
  t.ok(lines.length > 10, String(lines.length));
  const ids = lines.map((line) => {
    const { resourceSpans } = JSON.parse(line) as {
      resourceSpans: { scopeSpans: { spans: { traceId: string }[] }[] }[];
    };
    return new Set(
      resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans.map((each) => each.traceId)),
      ),
    );
  });
  t.ok(
    ids.every(({ size }) => size === 1),
    'a line is one trace',
  );
  t.equal(new Set(ids.flatMap((each) => [...each])).size, lines.length, 'and no trace is on two');
  t.same(problems, []);
});
