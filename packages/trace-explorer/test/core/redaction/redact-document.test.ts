import t from 'tap';
import { redactDocument } from '../../../src/core/redaction/redact-document.ts';

const attribute = (key: string, value: object) => ({ key, value });

t.test(
  'values of named attributes are left out, and their copies in other texts; ids and times stay',
  async (t) => {
    const id = '0af7651916cd43dd8448eb211c80319c';
    const span = {
      traceId: id,
      name: 'GET /users/ann-smith',
      startTimeUnixNano: '1234567890',
      attributes: [
        attribute('user.name', { stringValue: 'ann-smith' }),
        attribute('user.number', { intValue: '1234567890' }),
        attribute('http.request.header.cookie', { arrayValue: { values: [{ stringValue: 'crumbs' }] } }),
        attribute('note', { stringValue: 'crumbs of ANN-SMITH' }),
        attribute('size', { intValue: '7' }),
      ],
    };
    const line = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    const names = ['user.*', 'http.request.header.cookie'];
    const [{ scopeSpans }] = JSON.parse(redactDocument(line, names)).resourceSpans;
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
      ],
    });
    t.same(JSON.parse(redactDocument(line, ['other'])), JSON.parse(line), 'and nothing else');
  },
);
