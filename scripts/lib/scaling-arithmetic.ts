import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';

/** Requests per second that docs/scaling.md is about. */
const RATES = [1, 100, 10_000];
const DAY_SECONDS = 86_400;
/** Of the sampler, in deploy/collector/sampler.yaml. */
const [DECISION_SECONDS, KEPT] = [10, 0.1];
/** USD per million traces recorded, of https://aws.amazon.com/xray/pricing/; the first 100,000 per month are free. */
const XRAY_PER_MILLION = 5;

/** A figure of docs/measurements.md, where it stands, and as it is there. */
interface Figure {
  readonly section: string;
  /** What the row begins with. */
  readonly row: string;
  /** Heading of the column. */
  readonly column: string;
}

const FIGURES = {
  spans: { section: 'Pair', row: 'orphans among their', column: 'claim' },
  traces: { section: 'Pair', row: 'traces of', column: 'measured' },
  pairMs: { section: 'Pair', row: '500 requests/s | traced', column: 'CPU ms per request' },
  answered: {
    section: 'Overload',
    row: '0.0 % | 512 open requests | 200 connections',
    column: 'answered 200, per second',
  },
  tracing: { section: 'Overhead', row: '@tandem/telemetry', column: 'added µs' },
  explorerUs: { section: 'Explorer: 1,000,000', row: 'processor time of the server', column: 'value' },
  explorerRate: { section: 'Explorer: 1,000,000', row: 'ingest, spans/s', column: 'value' },
  explorerHeld: { section: 'Explorer: a full store', row: 'spans held after it', column: 'value' },
  bytes: { section: 'Collector', row: 'agent', column: 'bytes per span in' },
  agentUs: { section: 'Collector', row: 'agent', column: 'CPU µs per span' },
  gatewayUs: { section: 'Collector', row: 'gateway', column: 'CPU µs per span' },
  samplerUs: { section: 'Collector', row: 'samplers', column: 'CPU µs per span' },
} as const satisfies Readonly<Record<string, Figure>>;

/**
 * The tables of docs/scaling.md: the figures of docs/measurements.md, and what they come to at each rate.
 * @throws Error naming the figure that docs/measurements.md has not
 */
export function scalingTables(): string {
  const found = Object.fromEntries(
    Object.entries(FIGURES).map(([name, figure]) => [name, readFigure(figure)]),
  ) as Record<keyof typeof FIGURES, number>;
  const perRequest = found.spans / found.traces;
  const figures = [
    ['spans per home request', perRequest, 'Pair'],
    ['CPU of both services per request, traced, ms', found.pairMs, 'Pair'],
    ['requests/s that one process of each answers on 2 cores', found.answered, 'Overload'],
    ['CPU that tracing adds to a request of three spans, µs', found.tracing, 'Overhead'],
    ['bytes per span on the wire, uncompressed', found.bytes, 'Collector'],
    ['CPU per span: agent, µs', found.agentUs, 'Collector'],
    ['CPU per span: gateway, µs', found.gatewayUs, 'Collector'],
    ['CPU per span: samplers, µs', found.samplerUs, 'Collector'],
    ['CPU per span: explorer, µs', found.explorerUs, 'Explorer: 1,000,000 spans in'],
    [
      'spans/s that the explorer takes, with its sender on the same 2 cores',
      found.explorerRate,
      'Explorer: 1,000,000 spans in',
    ],
    ['spans that the explorer holds in 1 GiB', found.explorerHeld, 'Explorer: a full store'],
    ['USD for a million traces in X-Ray', XRAY_PER_MILLION, "– (AWS's price list, above)"],
  ] as const;
  const spans = (rate: number) => rate * perRequest;
  const cores = (microseconds: number) => (rate: number) => amount((spans(rate) * microseconds) / 1e6);
  const rows: readonly (readonly [string, (rate: number) => string])[] = [
    ['spans/s', (rate) => amount(spans(rate))],
    ['services, cores', (rate) => amount((rate * found.pairMs) / 1000)],
    ['processes of each service, by what one answers', (rate) => amount(Math.ceil(rate / found.answered))],
    ['explorer, cores', cores(found.explorerUs)],
    ['explorer is full after, hours', (rate) => amount(found.explorerHeld / spans(rate) / 3600)],
    ['agents, cores', cores(found.agentUs)],
    ['gateways, cores', cores(found.gatewayUs)],
    ['samplers, cores', cores(found.samplerUs)],
    [`traces held for ${DECISION_SECONDS} s by the samplers`, (rate) => amount(rate * DECISION_SECONDS)],
    ['MB/s into each tier', (rate) => amount((spans(rate) * found.bytes) / 1e6)],
    ['GB a day, all spans', (rate) => amount((spans(rate) * found.bytes * DAY_SECONDS) / 1e9)],
    [`GB a day at ${KEPT * 100} %`, (rate) => amount((spans(rate) * KEPT * found.bytes * DAY_SECONDS) / 1e9)],
    [`million spans a day at ${KEPT * 100} %`, (rate) => amount((spans(rate) * KEPT * DAY_SECONDS) / 1e6)],
    ['X-Ray, USD a day, all traces', (rate) => amount((rate * DAY_SECONDS * XRAY_PER_MILLION) / 1e6)],
    [
      `X-Ray, USD a day at ${KEPT * 100} %`,
      (rate) => amount((rate * KEPT * DAY_SECONDS * XRAY_PER_MILLION) / 1e6),
    ],
  ];
  return [
    '| figure | value | section of measurements.md |',
    '| --- | ---: | --- |',
    ...figures.map(([name, value, section]) => `| ${name} | ${value} | ${section} |`),
    '',
    `| requests/s | ${RATES.map((rate) => rate.toLocaleString('en')).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(RATES.length)}`,
    ...rows.map(([name, value]) => `| ${name} | ${RATES.map(value).join(' | ')} |`),
  ].join('\n');
}

/** Three significant digits. */
function amount(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 6 });
}

function readFigure({ section, row, column }: Figure): number {
  const text = readFileSync(join(ROOT, 'docs', 'measurements.md'), 'utf8');
  const part = text.split(/^## /m).find((candidate) => candidate.startsWith(section)) ?? '';
  let headings: string[] = [];
  let isTable = false;
  for (const line of part.split('\n')) {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (!isTable) headings = cells;
    isTable = line.startsWith('|');
    const at = headings.indexOf(column);
    if (!isTable || at < 0 || cells === headings || !cells.join(' | ').startsWith(row)) continue;
    const number = Number.parseFloat(cells[at]?.replaceAll(/^\D+|,/g, '') ?? '');
    if (Number.isFinite(number)) return number;
  }
  throw new Error(`docs/measurements.md: "${section}" has no row "${row}" with "${column}"`);
}
