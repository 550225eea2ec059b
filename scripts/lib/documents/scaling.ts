import { figure } from './results.ts';
import { table } from './table.ts';

const RATES = [1, 100, 10_000];
const SECONDS_A_DAY = 86_400;
/** Spans of a home request (test/waterfall.system.test.ts). */
const SPANS = 7;
const USD_PER_MILLION_TRACES = 5; // https://aws.amazon.com/xray/pricing/
const KEPT = 11.7; // percent of events, as docs/guide/14-what-sampling-costs.md shows

/** The tables of docs/scaling.md: figures of benchmarks/results, and the needs at each rate. */
export function scalingTables(): string {
  const cpuMs = figure('pair', 'traced', 'CPU ms per request');
  const answered = figure('overload', 'with connections', 'capacity, per second');
  const tracing = figure('overhead', '@tandem/telemetry', 'added µs');
  const bytes = figure('collector', 'agent', 'bytes per span in');
  const agent = figure('collector', 'agent', 'CPU µs per span');
  const gateway = figure('collector', 'gateway', 'CPU µs per span');
  const samplers = figure('collector', 'samplers', 'CPU µs per span');
  const explorer = figure('explorer', 'processor time of the server, µs per span', 'value');
  const taken = figure('explorer', 'ingest, spans/s (at least 60,000)', 'value');
  const held = figure('capacity-full', 'spans held after it', 'value');
  const figures = [
    ['spans per home request', SPANS, 'pair'],
    ['CPU of both services per request, traced, ms', cpuMs, 'pair'],
    ['requests/s that one process of each answers on 2 cores', answered, 'overload'],
    ['CPU that tracing adds to a request of three spans, µs', tracing, 'overhead'],
    ['bytes per span on the wire, uncompressed', bytes, 'collector'],
    ['CPU per span: agent, µs', agent, 'collector'],
    ['CPU per span: gateway, µs', gateway, 'collector'],
    ['CPU per span: samplers, µs', samplers, 'collector'],
    ['CPU per span: explorer, µs', explorer, 'explorer'],
    ['spans/s that the explorer takes, with its sender on the same 2 cores', taken, 'explorer'],
    ['spans that the explorer holds in 1 GiB', held, 'capacity-full'],
    ['share of a load that sampler.yaml keeps, %', KEPT, '[`sample`](guide/14-what-sampling-costs.md)'],
    ['USD for a million traces in X-Ray', USD_PER_MILLION_TRACES, "– (AWS's price list, above)"],
  ];
  const perRequest = {
    'spans/s': SPANS,
    'services, cores': cpuMs / 1000,
    'explorer, cores': (SPANS * explorer) / 1e6,
    'agents, cores': (SPANS * agent) / 1e6,
    'gateways, cores': (SPANS * gateway) / 1e6,
    'samplers, cores': (SPANS * samplers) / 1e6,
    'traces held for 10 s by the samplers': 10,
    'MB/s into each tier': (SPANS * bytes) / 1e6,
    'GB a day, all spans': (SPANS * bytes * SECONDS_A_DAY) / 1e9,
    'GB a day, sampled': (SPANS * bytes * SECONDS_A_DAY * KEPT) / 1e11,
    'million spans a day, sampled': (SPANS * SECONDS_A_DAY * KEPT) / 1e8,
    'X-Ray, USD a day, all traces': (USD_PER_MILLION_TRACES * SECONDS_A_DAY) / 1e6,
    'X-Ray, USD a day, sampled': (USD_PER_MILLION_TRACES * SECONDS_A_DAY * KEPT) / 1e8,
  };
  const rows = [
    ['processes of each service, by what one answers', ...RATES.map((rate) => Math.ceil(rate / answered))],
    ['explorer is full after, hours', ...RATES.map((rate) => short(held / SPANS / rate / 3600))],
    ...Object.entries(perRequest).map(([name, each]) => [name, ...RATES.map((rate) => short(rate * each))]),
  ];
  return `${table(['figure', 'value', 'result in benchmarks/results'], figures)}\n\n${table(['requests/s', ...RATES.map(short)], rows)}`;
}

function short(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
