import t from 'tap';
import { checkHoneycombKey } from '../../../src/honeycomb/index.ts';
import { renderHoneycombInfo } from '../../../src/report/metrics/honeycomb-info.ts';
import {
  AUTH_ANSWER,
  CLASSIC_KEY,
  fakeHoneycomb,
  INGEST_KEY,
  sendJson,
} from '../../honeycomb/fake-honeycomb.ts';

async function accepted(t: Test, apiKey: string, answer: object) {
  const honeycomb = await fakeHoneycomb((_request, response) => sendJson(response, 200, answer));
  t.teardown(() => honeycomb.close());
  const check = await checkHoneycombKey({ apiKey, endpoint: honeycomb.url, dataset: 'classic' });
  if (check.kind !== 'accepted') throw new Error(check.kind);
  return check;
}

type Test = { teardown(fn: () => unknown): void };

t.test('team, environment and region of an accepted key, and never the key', async (t) => {
  const check = await accepted(t, INGEST_KEY, AUTH_ANSWER);
  const text = renderHoneycombInfo(check);
  t.match(
    text,
    /^tandem_honeycomb_info\{team="honeycomb-docs",environment="production",region="other"\} 1$/m,
  );
  t.match(renderHoneycombInfo({ ...check, endpoint: { url: 'https://x', region: 'EU' } }), 'region="eu"');
  t.notMatch(text, INGEST_KEY);
});

t.test('a classic team has no environment, and names cannot break the format', async (t) => {
  const check = await accepted(t, CLASSIC_KEY, {
    ...AUTH_ANSWER,
    environment: {},
    team: { slug: 'a"b\\c\nd' },
  });
  t.match(
    renderHoneycombInfo(check),
    /^tandem_honeycomb_info\{team="a\\"b\\\\c d",environment="",region="other"\} 1$/m,
  );
});

t.test('nothing when no key was accepted', async (t) => {
  t.equal(renderHoneycombInfo(undefined), '');
});
