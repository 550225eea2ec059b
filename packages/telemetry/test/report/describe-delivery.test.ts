import t from 'tap';
import { Tally } from '../../src/export/tally.ts';
import { describeDelivery } from '../../src/report/describe-delivery.ts';

const noCounts = () => new Tally('Spans', 'otlp', { debug() {}, info() {}, warn() {}, error() {} }).counts();

const queue = { items: 0, bytes: 0, capacityBytes: 1 };
const NONE = { destinations: [] };
const noBaggage = { tooMany: 0, tooLarge: 0, malformed: 0 };

t.test('a process that lost nothing says what it sent and what it kept', async (t) => {
  const tally = { ...noCounts(), ended: 10, recovered: 2, exported: 9 };
  const { isLossless, message, fields } = describeDelivery(
    { spans: { destinations: [{ name: 'otlp', ...tally, queue }] }, logs: NONE },
    noBaggage,
  );
  t.equal(message, 'Telemetry ended. Spans for otlp: 9 sent, 3 kept on disk for the next start, 0 lost.');
  t.ok(isLossless);
  t.match(fields, {
    event: 'telemetry.end',
    telemetry: { destinations: [{ name: 'otlp', ended: 10, kept: 3 }] },
  });
});

t.test('losses are named by reason, of each destination and of baggage', async (t) => {
  const tally = noCounts();
  const lossy = { ...tally, ended: 10, exported: 3, lost: { ...tally.lost, rejected: 5, shutdown: 2 } };
  const { isLossless, message } = describeDelivery(
    {
      spans: {
        destinations: [
          { name: 'a', ...lossy, queue },
          { name: 'b', ...noCounts(), queue },
        ],
      },
      logs: NONE,
    },
    { ...noBaggage, tooMany: 4 },
  );
  t.notOk(isLossless);
  t.match(
    message,
    'Spans for a: 3 sent, 0 kept on disk for the next start, 7 lost (rejected 5, shutdown 2).',
  );
  t.match(message, 'Spans for b: 0 sent');
  t.match(message, 'Baggage members not carried: 4 (tooMany 4).');
  t.notOk(describeDelivery({ spans: NONE, logs: NONE }, { ...noBaggage, malformed: 1 }).isLossless);
});

t.test('log records have a sentence of their own, and their losses count', async (t) => {
  const tally = noCounts();
  const logs = { ...tally, ended: 5, exported: 2, lost: { ...tally.lost, queue_full: 3 } };
  const { isLossless, message, fields } = describeDelivery(
    { spans: NONE, logs: { destinations: [{ name: 'otlp', ...logs, queue }] } },
    noBaggage,
  );
  t.notOk(isLossless);
  t.match(message, 'Log records for otlp: 2 sent, 0 kept on disk for the next start, 3 lost (queue_full 3).');
  t.match(fields.telemetry, { logs: [{ name: 'otlp', ended: 5, kept: 0 }] });
});
