import t from 'tap';
import { openWorkspace } from '../../workspace.ts';

t.test('a button shows lines of every level in a waterfall, another a line with an exception', async (t) => {
  const { page, problems, violations } = await openWorkspace(t, { path: '/try' });
  /** Presses an experiment's button; the words of its lines, once there are so many. */
  const linesOf = async (key: string, least: number) => {
    const item = page.locator(`[data-experiment="${key}"]`);
    await item.getByRole('button').first().click();
    await item
      .locator('.inline-trace .log-line')
      .nth(least - 1)
      .waitFor();
    return item.locator('.log-line').allInnerTexts();
  };
  const levels = await linesOf('log-levels', 8);
  for (const level of ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'])
    t.ok(
      levels.some((line) => line.includes(level) && /a line of level/i.test(line)),
      level,
    );
  for (const kind of ['plain', 'info', 'warn', 'fatal', 'exception'])
    t.ok(
      await page.locator(`[data-experiment="log-levels"] .log-mark .level-${kind}`).count(),
      `a mark: ${kind}`,
    );
  t.same(await violations(), []);
  t.match((await linesOf('throw', 2)).join('\n'), /ERROR[\s\S]*This request asked for an exception\./);
  await page.locator('[data-experiment="throw"] .log-mark .level-exception').waitFor();
  t.equal(await page.getByRole('alert').count(), 0, 'the fault was taken');
  // The browser says by itself that a request was answered with 500.
  t.equal(problems.length, 1);
  t.match(problems[0], /status of 500/);

  await page.locator('[data-experiment="throw"] .log-line').first().dblclick();
  await page.waitForURL(/\/trace\/[0-9a-f]{32}\?.*log=/);
  await page.locator('.trace-logs .log-line[aria-selected="true"]').waitFor();
});
