import t from 'tap';
import { readTraceReference } from '../../src/shared/trace-reference.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

t.test('a trace is found in whatever a person copied', async (t) => {
  const at = { traceId, spanId };
  t.same(readTraceReference(` ${traceId}\n`), { traceId });
  t.same(readTraceReference(traceId.toUpperCase()), { traceId });
  t.same(readTraceReference('0af76519-16cd-43dd-8448-eb211c80319c'), { traceId }, 'as a UUID');
  t.same(readTraceReference(`00-${traceId}-${spanId}-01`), at, 'traceparent');
  t.same(readTraceReference(`traceresponse: 00-${traceId}-${spanId}-01`), at);
  t.same(readTraceReference(`traceresponse: 00-${traceId}--01`), { traceId }, 'without a span');
  t.same(readTraceReference(`Server-Timing: total;dur=4, traceparent;desc="00-${traceId}-${spanId}-01"`), at);
  t.same(readTraceReference(`server-timing: trace;desc=00-${traceId}-${spanId}-01`), at);
  t.same(
    readTraceReference(`HTTP/1.1 200 OK\nvary: origin\ntraceresponse: 00-${traceId}-${spanId}-01\n`),
    at,
  );
  t.same(readTraceReference('Root=1-58406520-a006649127e371903a2de979;Sampled=1'), {
    traceId: '58406520a006649127e371903a2de979',
  });
  t.same(readTraceReference(`http://localhost:3000/trace/${traceId}?span=${spanId}`), at);
  t.same(
    readTraceReference(
      `https://ui.honeycomb.io/team/environments/test/trace?trace_id=${traceId}&span=${spanId}`,
    ),
    at,
  );
});

t.test('an id of 64 bits is one in a link', async (t) => {
  const short = 'f798a1e7f33c8af6';
  t.same(readTraceReference(`http://localhost:3000/trace/${short}?span=${spanId}`), {
    traceId: short,
    spanId,
  });
  t.same(readTraceReference(`https://ui.honeycomb.io/team/trace?trace_id=${short}`), { traceId: short });
  t.equal(readTraceReference(short), undefined, 'alone it may be the beginning of another');
});

t.test('what names no trace is not taken for one', async (t) => {
  for (const text of [
    '',
    'home',
    traceId.slice(1),
    `${traceId}0`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    '0'.repeat(32),
  ]) {
    t.equal(readTraceReference(text), undefined, text);
  }
  t.same(readTraceReference(`00-${traceId}-${'0'.repeat(16)}-01`), { traceId }, 'the span of zeros is none');
});
