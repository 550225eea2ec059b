import t from 'tap';
import { buildTree } from '../../../src/traces/tree/tree.ts';
import { findingsIn } from '../make-span.ts';
import { labelledTraces } from './labelled.ts';

t.test('in the shape of the OpenTelemetry demo, findings are those that a person would name', async (t) => {
  const counts = { right: 0, wrong: 0, missed: 0 };
  for (const { flag, labels, spans } of labelledTraces(3000)) {
    const rules = new Set(findingsIn(buildTree(spans)).map(({ rule }) => rule));
    for (const rule of rules) {
      if (labels.includes(rule)) counts.right += 1;
      else counts.wrong += 1;
      if (!labels.includes(rule) && counts.wrong < 4) t.comment(`${flag}: ${rule}`);
    }
    counts.missed += labels.filter((label) => !rules.has(label)).length;
  }
  const precision = counts.right / (counts.right + counts.wrong);
  const recall = counts.right / (counts.right + counts.missed);
  t.comment(JSON.stringify({ ...counts, precision, recall }));
  t.ok(precision >= 0.95, `precision ${precision}`);
  t.ok(recall >= 0.95, `recall ${recall}`);
});
