import t from 'tap';
import { renderMetrics } from '../../../telemetry/src/delivery/render-metrics.ts';
import { parseMetrics } from '../../src/page/parse-metrics.ts';

const none = {
  queue_full: 0,
  spool_full: 0,
  spool_damaged: 0,
  rejected: 0,
  too_large: 0,
  unencodable: 0,
  shutdown: 0,
};

t.test('the counters that a service renders are read back', (t) => {
  const text = renderMetrics({
    destinations: [
      {
        name: 'say "hi"\\',
        ended: 20,
        recovered: 1,
        exported: 10,
        spooled: 4,
        lost: { ...none, queue_full: 2, rejected: 3, too_large: 1 },
        requests: { taken: 1, retry: 0, 'too-large': 0, refused: 1 },
        queue: { spans: 3, bytes: 300, capacityBytes: 1000 },
        spool: { spans: 2, bytes: 200, capacityBytes: 1000 },
      },
    ],
  });
  t.same(parseMetrics(text), [
    {
      name: 'say "hi"\\',
      exported: 10,
      waiting: 5,
      rejected: 4,
      dropped: 2,
      reasons: { queue_full: 2, rejected: 3, too_large: 1 },
    },
  ]);
  t.end();
});

t.test('anything else is passed over', (t) => {
  t.same(parseMetrics('<html>not metrics</html>\nup 1\nx{destination="a"} NaN\n# HELP x y\nx{broken 1'), []);
  t.end();
});
