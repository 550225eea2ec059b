import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import t from 'tap';
import { acceptedOf } from '../../packages/trace-explorer/src/core/problems/file/accepted-of.ts';
import type { Sighting } from '../../packages/trace-explorer/src/core/problems/schemas.ts';
import { sarifOf } from '../../packages/trace-explorer/src/parts/report/command/sarif.ts';
import type { ReportedProblem } from '../../packages/trace-explorer/src/parts/report/server/compare/change.ts';
import { ROOT } from '../helpers/processes.ts';

// Of draft 4, whose `id` a newer validator does not take; nothing else of the schema differs.
const {
  id: _,
  $schema: _s,
  ...schema
} = JSON.parse(readFileSync(join(ROOT, 'test/helpers/sarif/sarif-2.1.0-rtm.5.json'), 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(ajv);
const isValid = ajv.compile(schema);

const kind: Sighting = {
  ...{ rule: 'repeated-call', service: 'shop', route: 'GET /orders', operation: 'SELECT items' },
  ...{ statement: 'select ?', file: 'src/a b/orders.js', line: 31 },
  ...{ sentence: 'SELECT items was called 15 times', trace_id: 'a' },
};
const causeOf = (sighting: Sighting): ReportedProblem => {
  const { rule, service, sentence, route, trace_id } = sighting;
  return { id: 'i', rule, service, sentence, route, unit: 'request', trace_id, sightings: [sighting] };
};

t.test('what report --sarif writes is valid by the schema of SARIF 2.1.0', async (t) => {
  const { line: _, trace_id: _t, ...fields } = kind;
  const entry = { ...fields, by: 'a', why: 'a report', since: '2026-01-01' };
  const all = ['repeated-call', 'error', 'slow-call', 'logged-error'].map((rule) =>
    causeOf({ ...kind, rule }),
  );
  for (const causes of [all, []]) {
    const { log } = sarifOf({ causes }, acceptedOf('f', [entry], '2026-11-29'), 'packages/shop');
    t.equal(log.runs[0].results.length, causes.length);
    t.ok(isValid(log), JSON.stringify(isValid.errors));
    t.notOk(isValid({ ...log, runs: [{}] }), 'the schema refuses what lacks a tool');
  }
});
