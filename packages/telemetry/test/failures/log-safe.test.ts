import t from 'tap';
import { logSafeText, logSafeUrl } from '../../src/failures/log-safe.ts';
import { CLASSIC_KEY, CONFIGURATION_KEY, INGEST_KEY } from '../honeycomb/fake-honeycomb.ts';

t.test('credentials, query values and keys do not show in a URL; the rest does', async (t) => {
  t.equal(
    logSafeUrl(`https://me:secret@collector.example:4318/v1/traces?token=abc&token=def&x=1#frag`),
    'https://REDACTED:REDACTED@collector.example:4318/v1/traces?token=REDACTED&x=REDACTED',
  );
  t.equal(logSafeUrl(`http://host/${INGEST_KEY}/v1/traces`), 'http://host/REDACTED/v1/traces');
  t.equal(logSafeUrl('http://host/tenant-7/v1/traces', ['tenant-7']), 'http://host/REDACTED/v1/traces');
  t.equal(logSafeUrl('https://api.honeycomb.io/v1/traces'), 'https://api.honeycomb.io/v1/traces');
  t.equal(logSafeUrl('http://[::1]:4318/v1/traces'), 'http://[::1]:4318/v1/traces');
  t.equal(logSafeUrl(`no url ${CLASSIC_KEY}`), 'no url REDACTED');
});

t.test('every form of key is taken out of a text, and so are secrets of any form', async (t) => {
  const text = `a ${INGEST_KEY}, ${CONFIGURATION_KEY}; ${CLASSIC_KEY}: hcamk_ab:cd and s3cr3t.`;
  t.equal(logSafeText(text, ['s3cr3t', '']), 'a REDACTED, REDACTED; REDACTED: REDACTED and REDACTED.');
});

t.test('a foreign text stays one line of bounded length', async (t) => {
  t.equal(logSafeText('\u0008\u0011message\r\n\u001b[31mred\u2028end\u0000'), 'message [31mred end');
  t.equal(logSafeText('ä '.repeat(10_000)).length, 200);
});
