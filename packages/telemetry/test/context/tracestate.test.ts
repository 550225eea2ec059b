import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { W3CTraceState } from '../../src/context/tracestate.ts';

const sent = (header: string) => new W3CTraceState(header).serialize();

t.test('a legal list is sent on exactly as it came', async (t) => {
  const longest = `${'k'.repeat(256)}=${'v'.repeat(256)}`;
  for (const header of [
    'foo=1',
    'foo=1,bar=2',
    '1foo=1',
    'tenant@system=1,fw529a3039@dt=FfSvE9fuR8',
    'foo@=1,foo@@bar=2,a@b@c=3',
    'foo= leading spaces stay',
    'az09_-*/@= !"#$%&\'()*+-./0123456789:;<>?@AZ[]^_`az{|}~',
    longest,
  ]) {
    t.equal(sent(header), header, header.slice(0, 60));
  }
});

t.test('white space around members and empty members are left out', async (t) => {
  t.equal(sent(' foo=1 \t , \t bar=2,\tbaz=3\t'), 'foo=1,bar=2,baz=3');
  t.equal(sent('foo=1,,bar=2, ,\t,'), 'foo=1,bar=2');
  t.equal(sent(' , ,'), '');
});

t.test('one illegal member discards the whole list', async (t) => {
  for (const member of [
    'foo=',
    'foo= ',
    'foo',
    '=1',
    'foo =1',
    'FOO=1',
    'foo.bar=1',
    '@foo=1',
    '_foo=1',
    'foo=bar=baz',
    'foo=a\tb',
    'foo=\u00e9',
    'foo=a\nb',
    'f\u00f6\u00f6=1',
    `${'z'.repeat(257)}=1`,
    `foo=${'v'.repeat(257)}`,
  ]) {
    t.equal(sent(`bar=1,${member}`), '', `bar=1,${member.slice(0, 20)}`);
    t.equal(sent(`${member},bar=1`), '', `${member.slice(0, 20)},bar=1`);
  }
});

t.test('32 members pass, 33 discard the list, empty ones are not counted', async (t) => {
  const list = (length: number) => Array.from({ length }, (_, i) => `k${i}=${i}`).join(',');
  t.equal(sent(list(32)), list(32));
  t.equal(sent(`${list(32)},,`), list(32));
  t.equal(sent(list(33)), '');
});

t.test('more than 512 characters are carried', async (t) => {
  const header = Array.from({ length: 32 }, (_, i) => `key${i}=${'v'.repeat(200)}`).join(',');
  t.ok(header.length > 6000);
  t.equal(sent(header), header);
});

t.test('of duplicate keys the left-most, which is the newest, stays', async (t) => {
  const state = new W3CTraceState('foo=1,bar=2,foo=3');
  t.equal(state.get('foo'), '1');
  t.equal(state.serialize(), 'foo=1,bar=2');
});

t.test('setting and unsetting give a new state and leave the old one alone', async (t) => {
  const state = new W3CTraceState('foo=1,bar=2', true);
  t.equal(state.set('bar', '9').serialize(), 'bar=9,foo=1', 'a changed member moves to the front');
  t.equal(state.set('new', '3').serialize(), 'new=3,foo=1,bar=2');
  t.equal(state.unset('foo').serialize(), 'bar=2');
  t.equal(state.unset('none'), state);
  t.equal(state.serialize(), 'foo=1,bar=2');
  t.equal(state.set('new', '3').randomTraceId, true);
  t.equal(state.unset('foo').randomTraceId, true);
});

t.test('an illegal member cannot be set', async (t) => {
  const state = new W3CTraceState('foo=1');
  for (const [key, value] of [
    ['Bad', '1'],
    ['', '1'],
    ['bar', ''],
    ['bar', 'a,b'],
    ['bar', 'a=b'],
    ['bar', 'a\r\nx: y'],
    ['bar', 'ends in space '],
  ] as const) {
    t.equal(state.set(key, value), state, `${key}=${value}`);
  }
});

t.test('a full list gives up its right-most member for a new one, none for a changed one', async (t) => {
  const keys = Array.from({ length: 32 }, (_, i) => `k${i}=1`);
  const full = new W3CTraceState(keys.join(','));
  t.equal(full.set('new', '1').serialize(), ['new=1', ...keys.slice(0, 31)].join(','));
  t.equal(full.set('k31', '1').serialize(), ['k31=1', ...keys.slice(0, 31)].join(','));
});

t.test('whatever comes in, what goes out is a legal list that reads the same again', async (t) => {
  const random = new SeededRandom(20261120);
  const hostile = 'abz09AZ_-*/@=, \t~!.\u0000\u007f\u00e9';
  const legal = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[ !-+\--<>-~]{0,255}[!-+\--<>-~]$/;
  for (let i = 0; i < 3000; i++) {
    const state = new W3CTraceState(random.text(hostile, random.below(24)));
    const header = state.serialize();
    const members = header === '' ? [] : header.split(',');
    if (!members.every((member) => legal.test(member))) t.fail(`illegal: ${JSON.stringify(header)}`);
    if (new W3CTraceState(header).serialize() !== header) t.fail(`not stable: ${JSON.stringify(header)}`);
  }
  t.pass('3000 headers');
});
