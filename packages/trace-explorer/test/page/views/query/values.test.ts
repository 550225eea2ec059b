import t from 'tap';
import { formatField, formatResult } from '../../../../src/page/views/query/values.ts';

t.test('values that tell events apart are exact; results are short', async (t) => {
  t.not(formatField('network.peer.port', 35412), formatField('network.peer.port', 35438));
  t.equal(formatField('network.peer.port', 35412), '35412');
  t.equal(formatField('duration_ms', 1300), '1.30 s');
  t.equal(formatField('app.late_ms', -1300), '−1.30 s');
  t.equal(formatField('app.share', 0.12345), '0.123');
  t.equal(formatField('name', ''), '""');
  t.equal(formatResult({ op: 'COUNT' }, 35412), '35.4k');
  t.equal(formatResult({ op: 'P90', column: 'duration_ms' }, 1300), '1.30 s');
});
