import { statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { INSTALL_TIMEOUT_MS } from '../../../../../test/helpers/npm.ts';
import { runCliProcess } from '../../core/command/run-cli.ts';
import { temporaryDirectory } from '../../spans.ts';
import { installChdb, startChdb } from './chdb.ts';
import { createTables } from './exporter-tables.ts';

t.setTimeout(4 * INSTALL_TIMEOUT_MS);

const [TRACES, SPANS] = [2_000_000, 4];

const folder = t.testdir();
await installChdb(folder);

/** A statement that writes traces of 40 minutes: 200 routes, of which few are frequent, 1.2 % with an error. */
function insertTraces(from: number, to: number, begin: bigint): string {
  const random = (of: string) => `(sipHash64(trace, '${of}') / 18446744073709551616)`;
  const id = (number: string) => `lower(hex(reinterpretAsFixedString(sipHash64(${number}))))`;
  const route = `toString(toUInt32(200 * pow(${random('route')}, 4)))`;
  return `INSERT INTO otel.otel_traces
      (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, SpanAttributes, Duration, StatusCode)
    SELECT fromUnixTimestamp64Nano(toInt64(${begin} + trace * 1200000 + part * 1000000)), lower(hex(sipHash128(trace))),
      ${id('number')}, if(part = 0, '', ${id('number - part')}),
      if(part = 0, concat('GET /route/', ${route}), concat('SELECT table', toString(part))), if(part = 0, 'Server', 'Client'),
      if(part = 3, 'stock', 'shop'), map('service.name', if(part = 3, 'stock', 'shop'), 'host.name', toString(trace % 20)),
      map('http.response.status_code', '200', 'user.id', toString(trace % 50000), 'url.path', concat('/route/', ${route})),
      toUInt64(1e6 * (5 + 100 * pow(${random('duration')}, 8))),
      if(part = 0 AND ${random('error')} < 0.012, 'Error', 'Unset')
    FROM (SELECT number, intDiv(number, ${SPANS}) AS trace, number % ${SPANS} AS part
      FROM numbers(${from * SPANS}, ${(to - from) * SPANS}))`;
}

/** Says the most memory that the process has had, in KiB, when it ends. */
const TELL = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => console.error('memory ' + process.resourceUsage().maxRSS))",
)}`;

t.test('of two million traces 5,000 come, and what that takes is said', async (t) => {
  const engine = await startChdb(t, folder);
  for (const sql of createTables('0.165')) await engine.ask(sql);
  const begin = BigInt(Date.now() - 3_000_000) * 1_000_000n;
  for (let at = 0; at < TRACES; at += 250_000) await engine.ask(insertTraces(at, at + 250_000, begin));
  const file = join(temporaryDirectory(t), 'prod.gz');
  const started = performance.now();
  const { code, error } = await runCliProcess('pull', [engine.address, '--save', file, '--since', '2h'], {
    NODE_OPTIONS: `--import ${TELL}`,
  });
  t.equal(code, 0, error);
  const [, pulled = '', all] = /: ([\d,]+) traces of ([\d,]+)/.exec(error) ?? [];
  t.equal(all, TRACES.toLocaleString('en'));
  const chosen = Number(pulled.replaceAll(',', ''));
  t.ok(chosen > 4000 && chosen <= 5000, error);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  t.comment(`${seconds} s by the clock, a file of ${statSync(file).size} bytes`);
  t.comment(error);
});
