import { readFileSync } from 'node:fs';
import t from 'tap';
import type { KeyCheck, MalformedKeyReason } from '../../src/honeycomb/index.ts';
import { describeKeyCheck, describeMalformedKey } from '../../src/honeycomb/index.ts';

const guide = readFileSync(new URL('../../../../docs/honeycomb.md', import.meta.url), 'utf8');
const endpoint = { url: 'https://api.honeycomb.io', region: 'US' } as const;

/** One of each kind: a new kind does not compile until it stands here. */
const checks: { [Kind in KeyCheck['kind']]: Extract<KeyCheck, { kind: Kind }> } = {
  'no-key': { kind: 'no-key' },
  malformed: { kind: 'malformed', reason: 'quotes', length: 66 },
  'bad-endpoint': { kind: 'bad-endpoint', problem: 'HONEYCOMB_API_ENDPOINT is not a URL' },
  'dataset-missing': { kind: 'dataset-missing' },
  refused: { kind: 'refused', endpoint, form: 'classic', length: 32 },
  accepted: {
    kind: 'accepted',
    endpoint,
    form: 'environment-ingest',
    team: 'acme',
    environment: 'test',
    mayIngest: true,
    mayCreateDatasets: true,
    datasetIgnored: false,
  },
  unreachable: { kind: 'unreachable', endpoint, cause: 'dns', detail: 'getaddrinfo ENOTFOUND' },
  unexpected: { kind: 'unexpected', endpoint, status: 503 },
};

const reasons: Record<MalformedKeyReason, true> = {
  whitespace: true,
  quotes: true,
  unexpanded: true,
  header: true,
  assignment: true,
  comment: true,
  url: true,
  'management-key': true,
  'key-id': true,
  placeholder: true,
  truncated: true,
  'too-long': true,
  'too-short': true,
  characters: true,
};

t.test('the guide explains every line that the check can print', async (t) => {
  for (const check of Object.values(checks)) {
    // "Honeycomb: key refused", "Honeycomb: not asked" … up to where the particulars begin.
    const headline = /^Honeycomb: [a-z ]+?(?= by|[.(]| \()/.exec(describeKeyCheck(check))?.[0] ?? '(none)';
    t.ok(guide.includes(`\`${headline}`), headline);
  }
});

t.test('the guide explains every reason for which a key is malformed', async (t) => {
  for (const reason of Object.keys(reasons) as MalformedKeyReason[]) {
    const [said = '(none)'] = describeMalformedKey(reason, 1).split(/:| \(/);
    t.ok(guide.includes(`| ${said} |`), said);
  }
});
