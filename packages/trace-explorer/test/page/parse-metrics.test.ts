import t from 'tap';
import { renderMetrics } from '../../../telemetry/src/delivery/render-metrics.ts';
import { renderHoneycombInfo } from '../../../telemetry/src/metrics/honeycomb-info.ts';
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
  t.same(parseMetrics(text).destinations, [
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
  t.same(parseMetrics('<html>not metrics</html>\nup 1\nx{destination="a"} NaN\n# HELP x y\nx{broken 1'), {
    destinations: [],
  });
  t.end();
});

t.test('whose Honeycomb key it is, as a service renders it', (t) => {
  const text = renderHoneycombInfo({
    kind: 'accepted',
    endpoint: { url: 'https://api.eu1.honeycomb.io', region: 'EU' },
    form: 'environment-ingest',
    team: 'bees',
    environment: 'pro"d',
    mayIngest: true,
    mayCreateDatasets: true,
    datasetIgnored: false,
  });
  t.same(parseMetrics(text).honeycomb, { team: 'bees', environment: 'pro"d', region: 'eu' });
  t.same(parseMetrics('tandem_honeycomb_info{team="bees",region="moon"} 1').honeycomb, {
    team: 'bees',
    environment: '',
    region: 'other',
  });
  t.equal(parseMetrics('tandem_honeycomb_info{region="us"} 1').honeycomb, undefined);
  t.end();
});
