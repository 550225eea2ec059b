import t from 'tap';
import { redactDocument } from '../../../src/core/redaction/redact-document.ts';

const attribute = (key: string, value: object) => ({ key, value });

t.test(
  'values of named fields are left out, and their copies in other texts; ids and times stay',
  async (t) => {
    const id = '0af7651916cd43dd8448eb211c80319c';
    const span = {
      traceId: id,
      spanId: id.slice(16),
      name: 'GET /users/ann-smith',
      startTimeUnixNano: '1234567890',
      attributes: [
        attribute('user.name', { stringValue: 'ann-smith' }),
        attribute('user.number', { intValue: '1234567890' }),
        attribute('http.request.header.cookie', { arrayValue: { values: [{ stringValue: 'crumbs' }] } }),
        attribute('note', { stringValue: 'crumbs of ANN-SMITH' }),
        attribute('size', { intValue: '7' }),
        attribute('user', { kvlistValue: { values: [attribute('role', { stringValue: 'chief-baker' })] } }),
      ],
    };
    const record = { traceId: id, body: { stringValue: 'bread of the chief-baker, by ann-smith' } };
    const resource = { attributes: [attribute('service.name', { stringValue: 'bakery' })] };
    const line = JSON.stringify({
      resourceSpans: [{ resource, scopeSpans: [{ scope: {}, spans: [span] }] }],
      resourceLogs: [{ resource, scopeLogs: [{ scope: {}, logRecords: [record] }] }],
    });
    const names = ['user.*', 'http.request.header.cookie'];
    const { resourceSpans, resourceLogs } = JSON.parse(await redactDocument(line, names));
    t.same(resourceSpans[0].resource, resource);
    const [{ scopeSpans }] = resourceSpans;
    t.equal(
      resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue,
      'bread of the REDACTED, by REDACTED',
    );
    const redacted = { stringValue: 'REDACTED' };
    t.same(scopeSpans[0].spans[0], {
      ...span,
      name: 'GET /users/REDACTED',
      attributes: [
        attribute('user.name', redacted),
        attribute('user.number', redacted),
        attribute('http.request.header.cookie', redacted),
        attribute('note', { stringValue: 'REDACTED of REDACTED' }),
        attribute('size', { intValue: '7' }),
        attribute('user', { kvlistValue: { values: [attribute('role', redacted)] } }),
      ],
    });
    t.same(JSON.parse(await redactDocument(line, ['other'])), JSON.parse(line), 'and nothing else');
  },
);
