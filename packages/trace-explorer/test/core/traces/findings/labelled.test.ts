import t from 'tap';
import { judgeFindings } from './labelled.ts';

t.test('in the shape of the OpenTelemetry demo, findings are those that a person would name', async (t) => {
  const wrong: string[] = [];
  const { precision, recall, ...counts } = judgeFindings(3000, (flag, rule) =>
    wrong.push(`${flag}: ${rule}`),
  );
  for (const each of wrong.slice(0, 3)) t.comment(each);
  t.comment(JSON.stringify({ ...counts, precision, recall }));
  t.equal(counts.wrong, 0, `precision ${precision}`);
  t.ok(recall >= 0.95, `recall ${recall}`);
});

t.test(
  'of 200 healthy traces, with turns of 22 ms and first connections, at most one has a wrong finding',
  async (t) => {
    const wrong: string[] = [];
    judgeFindings(550, (flag, rule) => {
      if (/^(?:none|turns|firstConnections)$/.test(flag)) wrong.push(`${flag}: ${rule}`);
    });
    t.ok(wrong.length <= 1, wrong.join('; '));
  },
);
