import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { ROOT } from '../helpers/processes.ts';

const DOCUMENT = readFileSync(join(ROOT, 'docs', 'scaling.md'), 'utf8');

/** The rows of docs/scaling.md's tables: the cells behind a name. */
const ROWS = new Map(
  [...DOCUMENT.matchAll(/^\| ([^|]+?) \| (.+) \|$/gm)].map(([, name = '', cells = '']) => [
    name,
    cells.split(' | ').map((cell) => Number(cell.replaceAll(',', ''))),
  ]),
);

t.test('each figure is one of the result that its row names', (t) => {
  const rows = [...DOCUMENT.matchAll(/^\| ([^|]+?) \| ([\d.]+) \| ([a-z-]+) \|$/gm)];
  t.equal(rows.length, 11);
  for (const [, name = '', figure = '', result] of rows) {
    const text = readFileSync(join(ROOT, 'benchmarks', 'results', `${result}.json`), 'utf8');
    // As numbers: a result may say 1.950.
    const figures = (JSON.stringify(JSON.parse(text).tables).match(/\d+(?:\.\d+)?/g) ?? []).map(Number);
    // 7 is the number of spans by the number of requests.
    t.ok(figures.includes(name === 'spans per home request' ? 70_000 : Number(figure)), name);
  }
  t.end();
});

t.test('the share of events is that which `sample` printed in the guide', (t) => {
  const guide = readFileSync(join(ROOT, 'docs/guide/14-what-sampling-costs.md'), 'utf8');
  const [, events] = /^sampler\.yaml .*? %\).*?\((\S+) %\)/m.exec(guide) ?? [];
  const [kept] = ROWS.get('share of a load that sampler.yaml keeps, %') ?? [];
  t.equal(Number(events), kept);
  t.end();
});

t.test('each row is the product of its figures', (t) => {
  const figure = (name: string) => ROWS.get(name)?.[0] ?? Number.NaN;
  const spans = figure('spans per home request');
  const megabytes = (spans * figure('bytes per span on the wire, uncompressed')) / 1e6;
  const kept = figure('share of a load that sampler.yaml keeps, %');
  const perRequest = {
    'spans/s': spans,
    'services, cores': figure('CPU of both services per request, traced, ms') / 1000,
    'explorer, cores': (spans * figure('CPU per span: explorer, µs')) / 1e6,
    'agents, cores': (spans * figure('CPU per span: agent, µs')) / 1e6,
    'gateways, cores': (spans * figure('CPU per span: gateway, µs')) / 1e6,
    'samplers, cores': (spans * figure('CPU per span: samplers, µs')) / 1e6,
    'MB/s into each tier': megabytes,
    'GB a day, all spans': megabytes * 86.4,
    'GB a day, sampled': megabytes * 0.864 * kept,
    'million spans a day, sampled': spans * 0.000864 * kept,
    'X-Ray, USD a day, all traces': figure('USD for a million traces in X-Ray') * 0.0864,
    'X-Ray, USD a day, sampled': figure('USD for a million traces in X-Ray') * 0.000864 * kept,
  };
  for (const [name, each] of Object.entries(perRequest))
    t.strictSame(
      ROWS.get(name)?.map((value) => value.toPrecision(3)),
      [1, 100, 10_000].map((rate) => (rate * each).toPrecision(3)),
      name,
    );
  const hours = figure('spans that the explorer holds in 1 GiB') / spans / 3600;
  t.equal(ROWS.get('explorer is full after, hours')?.[0], Number(hours.toPrecision(3)));
  const answered = figure('requests/s that one process of each answers on 2 cores');
  t.equal(ROWS.get('processes of each service, by what one answers')?.[2], Math.ceil(10_000 / answered));
  t.end();
});

t.test('the prose outside the tables has no figure that the tables compute', (t) => {
  const prose = DOCUMENT.replace(/<!-- tables -->[\s\S]*<!-- end of tables -->/, '');
  const sampler = parse(readFileSync(join(ROOT, 'deploy/collector/sampler.yaml'), 'utf8'));
  const known = [
    ...['1', '100', '10,000'],
    '100,000', // traces a month that AWS's price list has for nothing
    '503', // a status
    sampler.processors.tail_sampling.num_traces.toLocaleString('en'),
  ];
  const numbers = [...prose.matchAll(/\d[\d.,]*(?<=\d)/g)].map(([number]) => number);
  t.strictSame([...new Set(numbers)].toSorted(), known.toSorted());
  t.end();
});
