import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { judgeFindings } from './labelled.ts';

// At night too: with more traces, and with healthy ones alone.

t.test('in the shape of the OpenTelemetry demo, findings are those that a person would name', async (t) => {
  const wrong: string[] = [];
  const { precision, recall, ...counts } = judgeFindings(IS_NIGHT ? 3000 : 1000, (flag, rule) =>
    wrong.push(`${flag}: ${rule}`),
  );
  for (const each of wrong.slice(0, 3)) t.comment(each);
  t.comment(JSON.stringify({ ...counts, precision, recall }));
  t.equal(counts.wrong, 0, `precision ${precision}`);
  t.ok(recall >= 0.95, `recall ${recall}`);
});

atNight(t).test(
  'of 200 healthy traces, with turns of 22 ms and first connections, at most one has a wrong finding',
  async (t) => {
    const wrong: string[] = [];
    judgeFindings(550, (flag, rule) => {
      if (/^(?:none|turns|firstConnections)$/.test(flag)) wrong.push(`${flag}: ${rule}`);
    });
    t.ok(wrong.length <= 1, wrong.join('; '));
  },
);
