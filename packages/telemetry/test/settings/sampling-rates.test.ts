import t from 'tap';
import { parseRates } from '../../src/settings/sampling-rates.ts';

t.test('one probability is for everything', async (t) => {
  for (const [text, probability] of [
    ['0', 0],
    ['1', 1],
    ['0.25', 0.25],
    ['.5', 0.5],
    ['1e-3', 0.001],
    [' 0.1 ', 0.1],
  ] as const) {
    t.equal(parseRates(text).of('GET /x', {}), probability, text);
  }
});

t.test('a route has a rate of its own, by span name or attribute, with or without a method', async (t) => {
  const rates = parseRates('0.1; GET /api/activities/home = 0.01; /api/activities/@:handle=1; GET /x=y=0;');
  t.equal(rates.of('GET /api/activities/home', {}), 0.01);
  t.equal(rates.of('HEAD /api/activities/home', {}), 0.1, 'another method');
  t.equal(rates.of('GET /api/activities/@:handle', {}), 1, 'any method');
  t.equal(rates.of('/api/activities/@:handle', {}), 1);
  t.equal(rates.of('GET /x=y', {}), 0, 'the last equals sign separates');
  t.equal(rates.of('GET', {}), 0.1);
  const started = { 'http.request.method': 'GET', 'http.route': '/api/activities/home' };
  t.equal(rates.of('GET', started), 0.01, 'a span whose name is not final');
  t.equal(rates.of('GET', { 'http.route': '/api/activities/@:handle' }), 1);
  t.equal(rates.of('GET', { 'http.route': '/other' }), 0.1);
});

t.test('anything else is refused with what it must be', async (t) => {
  for (const [text, message] of [
    ['', 'must be a number from 0 to 1, not "".'],
    ['1.5', 'must be a number from 0 to 1, not "1.5".'],
    ['-0.1', 'must be a number from 0 to 1, not "-0.1".'],
    ['abc', 'must be a number from 0 to 1, not "abc".'],
    ['0,5', 'must be a number from 0 to 1, not "0,5".'],
    ['NaN', 'must be a number from 0 to 1, not "NaN".'],
    ['0x1', 'must be a number from 0 to 1, not "0x1".'],
    ['1e-30', 'must be a number from 0 to 1, not "1e-30".'],
    ['0.1;GET /a=2', 'must be a number from 0 to 1, not "2".'],
    ['0.1;GET /a=', 'must be a number from 0 to 1, not "".'],
    ['0.1;GET /a', 'must give routes as "GET /route=0.01" or "/route=0.01", not "GET /a".'],
    ['0.1;home=0.1', 'must give routes as "GET /route=0.01" or "/route=0.01", not "home=0.1".'],
    ['0.1;/a=0.1;/a=0.2', 'names the route "/a" twice.'],
    ['GET /a=0.1', 'must be a number from 0 to 1, not "GET /a=0.1".'],
  ] as const) {
    t.throws(() => parseRates(text), { message }, text);
  }
});
