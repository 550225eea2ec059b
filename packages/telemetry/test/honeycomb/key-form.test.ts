import t from 'tap';
import { describeMalformedKey, isClassicForm, parseHoneycombKey } from '../../src/honeycomb/index.ts';
import { CLASSIC_INGEST_KEY, CLASSIC_KEY, CONFIGURATION_KEY, INGEST_KEY } from './fake-honeycomb.ts';

const forms = [
  ['environment-ingest', INGEST_KEY, false],
  ['environment-ingest', INGEST_KEY.replace('hcaik', 'hcxik'), false],
  ['environment-configuration', CONFIGURATION_KEY, false],
  ['classic', CLASSIC_KEY, true],
  ['classic-ingest', CLASSIC_INGEST_KEY, true],
  ['unknown', `hcaqk_${'a1'.repeat(29)}`, false],
  ['unknown', 'A'.repeat(40), false],
] as const;

for (const [form, key, classic] of forms) {
  t.test(`${key.length} characters of the form ${key.slice(0, 6)} are ${form}`, async (t) => {
    t.strictSame(parseHoneycombKey(key), { kind: 'key', form, length: key.length });
    t.equal(isClassicForm(form), classic);
  });
}

for (const nothing of [undefined, '', ' ', '\t\r\n']) {
  t.test(`${JSON.stringify(nothing)} is no key`, async (t) => {
    t.strictSame(parseHoneycombKey(nothing), { kind: 'none' });
  });
}

const mistakes = [
  ['whitespace', ` ${INGEST_KEY}`],
  ['whitespace', `${INGEST_KEY}\n`],
  ['whitespace', `${CONFIGURATION_KEY}\r`],
  ['whitespace', `\ufeff${CLASSIC_KEY}`],
  ['whitespace', `${CLASSIC_KEY}\u200b`],
  ['quotes', `"${INGEST_KEY}"`],
  ['quotes', `'${CONFIGURATION_KEY}'`],
  ['quotes', `“${CLASSIC_KEY}”`],
  ['unexpanded', `\${HONEYCOMB_API_KEY}`],
  ['unexpanded', '$HONEYCOMB_API_KEY'],
  ['unexpanded', '%HONEYCOMB_API_KEY%'],
  ['unexpanded', '{{ honeycomb.key }}'],
  ['header', `x-honeycomb-team=${INGEST_KEY}`],
  ['header', `X-Honeycomb-Team: ${INGEST_KEY}`],
  ['header', `${INGEST_KEY},x-honeycomb-dataset=pair`],
  ['header', `Bearer ${CONFIGURATION_KEY}`],
  ['assignment', `HONEYCOMB_API_KEY=${INGEST_KEY}`],
  ['assignment', `export HONEYCOMB_API_KEY=${INGEST_KEY}`],
  ['comment', `${INGEST_KEY} # production`],
  ['url', 'https://api.honeycomb.io'],
  ['management-key', `hcamk_${'a'.repeat(26)}:${'b'.repeat(32)}`],
  ['key-id', INGEST_KEY.slice(0, 32)],
  ['key-id', CLASSIC_INGEST_KEY.slice(0, 32)],
  ['key-id', 'hcalk_01h2xcejqtf2nbrexx3vqjhp41'],
  ['placeholder', 'your-api-key'],
  ['placeholder', 'YOUR_API_KEY'],
  ['placeholder', '<api key>'],
  ['placeholder', 'changeme'],
  ['placeholder', 'hcaik_your_key_here'],
  ['placeholder', `hcaik_${'x'.repeat(58)}`],
  ['placeholder', 'hcxik_1234567890123456789012345612345678901234567890123456789012'],
  ['placeholder', 'undefined'],
  ['placeholder', '...'],
  ['truncated', INGEST_KEY.slice(0, 63)],
  ['truncated', INGEST_KEY.slice(0, 40)],
  ['truncated', 'hcaik_'],
  ['truncated', CLASSIC_KEY.slice(0, 31)],
  ['too-long', INGEST_KEY + INGEST_KEY.slice(6)],
  ['too-long', 'a'.repeat(1_000_000)],
  ['too-short', CONFIGURATION_KEY.slice(0, 21)],
  ['characters', `${CONFIGURATION_KEY.slice(0, 10)} ${CONFIGURATION_KEY.slice(10)}`],
  ['characters', `${CONFIGURATION_KEY}é`],
] as const;

for (const [reason, value] of mistakes) {
  t.test(`${JSON.stringify(value.slice(0, 90))} is malformed: ${reason}`, async (t) => {
    t.strictSame(parseHoneycombKey(value), { kind: 'malformed', reason, length: value.length });
    const line = describeMalformedKey(reason, value.length);
    t.match(line, `(${value.length} characters)`, 'the length helps to see what was pasted');
    t.match(line, 'Expected: an ingest key (64 characters');
    for (const key of [INGEST_KEY, CONFIGURATION_KEY, CLASSIC_KEY]) t.notMatch(line, key);
  });
}
