import t from 'tap';
import type { AcceptedEntry } from '../../../../src/core/problems/file/accepted.ts';
import { acceptedOf } from '../../../../src/core/problems/file/accepted-of.ts';
import type { Sighting } from '../../../../src/core/problems/schemas.ts';
import { codePlace } from '../../../../src/core/traces/model/code-place.ts';
import { sarifOf } from '../../../../src/parts/report/command/sarif.ts';
import type { ReportedProblem } from '../../../../src/parts/report/server/compare/change.ts';

const kind: Sighting = {
  ...{ rule: 'repeated-call', service: 'shop', route: 'GET /orders', operation: 'SELECT items' },
  ...{ statement: 'select name from items where id = ?', file: 'src/orders.js', line: 31 },
  ...{ sentence: 'SELECT items was called 15 times', trace_id: 'a' },
};
const causeOf = (...sightings: readonly Sighting[]): ReportedProblem => {
  const [{ rule, service, sentence, route } = kind] = sightings;
  return {
    id: 'i',
    rule,
    service,
    sentence,
    route,
    unit: 'request',
    trace_id: 'a',
    sightings: [...sightings],
  };
};
const resultsOf = (
  kinds: readonly Sighting[],
  place: string | undefined = '.',
  known: readonly AcceptedEntry[] = [],
) => {
  const { log, without } = sarifOf(
    { causes: [causeOf(...kinds)] },
    acceptedOf('f', known, '2026-11-29'),
    place,
  );
  return { results: log.runs[0].results, without, log };
};

t.test('a problem with a place is a result, with what code scanning needs of it', async (t) => {
  const { log, results, without } = resultsOf([kind]);
  t.equal(without, 0);
  t.match(log, {
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'Tandem', rules: [{ id: 'repeated-call', shortDescription: { text: String } }] },
        },
      },
    ],
  });
  t.match(results, [
    {
      ...{
        ruleId: 'repeated-call',
        ruleIndex: 0,
        level: 'warning',
        message: { text: 'SELECT items was called 15 times' },
      },
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'src/orders.js' }, region: { startLine: 31 } } },
      ],
      partialFingerprints: { 'tandemCause/v1': /^[0-9a-f]{64}$/ },
      suppressions: undefined,
    },
  ]);
  const [error] = resultsOf([{ ...kind, rule: 'error' }]).results;
  t.equal(error?.level, 'error');
});

t.test('the fingerprint stays where a line or a file moves, and differs for another problem', async (t) => {
  const of = (more: object) =>
    resultsOf([{ ...kind, ...more }]).results[0]?.partialFingerprints['tandemCause/v1'];
  // Code scanning knows an alert again by it, also after an upgrade.
  t.equal(of({}), '7f2b040490e38698f512c90eb1d8c134b35306feeeb71926aab87805fe4927ad');
  t.equal(of({ line: 'src/b.js:4', file: 'src/b.js', sentence: 'other' }), of({}));
  for (const more of [
    { route: 'GET /b' },
    { statement: 'select b' },
    { service: 'b' },
    { message: 'no' },
    { rule: 'error' },
  ])
    t.not(of(more), of({}), JSON.stringify(more));
});

t.test('a place is told from the root of the repository, as a URI', async (t) => {
  const uri = (line: string, place?: string) =>
    resultsOf([{ ...kind, ...codePlace(line, undefined) }], place).results[0]?.locations[0].physicalLocation
      .artifactLocation.uri;
  t.equal(uri('src/orders.js:3', 'packages/shop'), 'packages/shop/src/orders.js');
  t.equal(uri('../lib/a.js:3:14', 'packages/shop'), 'packages/lib/a.js');
  t.equal(uri('src\\orders.js:3'), 'src/orders.js');
  t.equal(uri('src/a b/[id]#.ts:3'), 'src/a%20b/%5Bid%5D%23.ts');
});

t.test(
  'what has no place, hides something or leaves the repository is counted, and is no result',
  async (t) => {
    for (const line of [
      ...['/srv/orders.js:3', 'C:/orders.js:3', '../orders.js:3', 'src/../../b.js:3', 'file:///srv/b.js:3'],
      ...[
        'src/\u202egnp.js:3',
        'src/\u001b[2J.js:3',
        'node_modules/b/b.js:3',
        'src/orders.js in handler',
        'src/orders.js',
      ],
      `${'a/'.repeat(600)}b.js:3`,
    ]) {
      const { line: _, ...unplaced } = kind;
      const { results, without } = resultsOf([{ ...unplaced, ...codePlace(line, undefined) }]);
      t.same([results.length, without], [0, 1], JSON.stringify(line));
    }
    const { log } = sarifOf({ causes: [causeOf(kind)] }, undefined, undefined);
    t.same(log.runs[0].results, [], 'nobody knows where the folder is');
    const { line: _, ...without } = kind;
    t.equal(resultsOf([without]).without, 1);
    t.equal(resultsOf([kind, without]).without, 0, 'one of its kinds has a place');
    t.equal(resultsOf([{ ...kind, weak: true }]).without, 1);
  },
);

t.test('what is accepted is suppressed, with the reason', async (t) => {
  const { line: _, trace_id: _t, ...fields } = kind;
  const entry = { ...fields, by: 'a', why: 'a report', since: '2026-01-01' };
  const [result] = resultsOf([kind], '.', [entry]).results;
  t.same(result?.suppressions, [{ kind: 'external', status: 'accepted', justification: 'a report' }]);
  t.equal(resultsOf([kind], '.', [{ ...entry, until: '2026-02-01' }]).results[0]?.suppressions, undefined);
});
