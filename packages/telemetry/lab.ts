import { runInNewContext, createContext, constants, runInContext } from 'node:vm';
import { join } from 'node:path';
import { autoInstrumentation } from '@tandem/telemetry/any-process';
import { withSpan } from '@tandem/telemetry';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import { trace } from '@opentelemetry/api';
import { instrumentationParts } from './test/instrumentation-parts.ts';
import { codeLineProcessor } from './src/lines/line-processor.ts';
import { lookUp } from './src/lines/app-place.ts';
import { callSites } from './src/lines/call-sites.ts';
import { startMeasured } from '../../benchmarks/lib/measured-service.ts';
import { median, quantile } from '../../benchmarks/lib/statistics.ts';
const realFetch = globalThis.fetch;
const OE: any = Object.assign(runInNewContext('Error'), { stackTraceLimit: 50, prepareStackTrace: (_: any, s: any) => s });
const OD: any = Object.assign(runInContext('Error', createContext(constants.DONT_CONTEXTIFY as any)), { stackTraceLimit: 50, prepareStackTrace: (_: any, s: any) => s });
const OT: any = runInContext('Error.prepareStackTrace=(_, s)=>s;Error.stackTraceLimit=50;Error', createContext(constants.DONT_CONTEXTIFY as any));
const cap = (E: any, n: number, st = false) => ({ onStart(s: any) { if (s.kind === 2) { E.stackTraceLimit = n; const e = new E(); if (st) e.stack; } }, onEnd() {} });
const lines0 = 0; const lines = codeLineProcessor(process.cwd());
const noted = globalThis.fetch; globalThis.fetch = realFetch; const none = { onStart() {}, onEnd() {} };
const wm = new WeakMap();
const obj = {};
const modes: Record<string, any> = {
  off: none,
  full: lines,
  lookUp: { onStart(s: any) { if (s.kind === 2) lookUp(); }, onEnd() {} },
  sites: { onStart(s: any) { if (s.kind === 2) callSites(50); }, onEnd() {} },
  new50: { onStart(s: any) { if (s.kind === 2) { OE.stackTraceLimit = 50; new OE(); } }, onEnd() {} },
  new0: { onStart(s: any) { if (s.kind === 2) { OE.stackTraceLimit = 0; new OE(); } }, onEnd() {} },
  new1: { onStart(s: any) { if (s.kind === 2) { OE.stackTraceLimit = 1; new OE(); } }, onEnd() {} },
  new10: { onStart(s: any) { if (s.kind === 2) { OE.stackTraceLimit = 10; new OE(); } }, onEnd() {} },
  new20: { onStart(s: any) { if (s.kind === 2) { OE.stackTraceLimit = 20; new OE(); } }, onEnd() {} },
  new30: { onStart(s: any) { if (s.kind === 2) { OE.stackTraceLimit = 30; new OE(); } }, onEnd() {} },
  skip1: { onStart(s: any) { if (s.kind === 2) { OE.stackTraceLimit = 1; OE.captureStackTrace({}, realFetch); } }, onEnd() {} },
  stack1: { onStart(s: any) { if (s.kind === 2) { OE.stackTraceLimit = 1; new OE().stack; } }, onEnd() {} },
  main1: cap(Error, 1),
  mainStack1: { onStart(s: any) { if (s.kind === 2) { const { stackTraceLimit: l, prepareStackTrace: p } = Error; Error.stackTraceLimit = 1; Error.prepareStackTrace = (_: any, s: any) => s; new Error().stack; Error.stackTraceLimit = l; Error.prepareStackTrace = p; } }, onEnd() {} },
  od1: cap(OD, 1), odStack1: cap(OD, 1, true), ot1: cap(OT, 1), otStack1: cap(OT, 1, true), otStack24: cap(OT, 24, true), odStack50: cap(OD, 50, true), ot50: cap(OT, 50), otStack50: cap(OT, 50, true),
  weakmap: { onStart(s: any) { if (s.kind === 2) { wm.set(s, obj); } }, onEnd(s: any) { wm.get(s); } },
};
const current: any = {onStart(){},onEnd(){}};
const telemetry = createTestTelemetry({ spanProcessors: [Object.assign(current, { async forceFlush() {}, async shutdown() {} })] });
const stop = autoInstrumentation()(instrumentationParts());
const server = await startMeasured({ nodeArguments: [], environment: {} }, { path: join(import.meta.dirname, '../../benchmarks/lines/server.ts') });
async function request(calls: number) { for (let id = 0; id < calls; id++) await (await fetch(`http://127.0.0.1:${server.port}/users?id=${id}`)).text(); }
async function slice(calls: number) {
  const b = process.cpuUsage();
  for (let d = 0; d < 60; d += calls) await withSpan('request', {}, () => request(calls));
  const { user, system } = process.cpuUsage(b);
  telemetry.reset();
  return (user + system) / 60;
}
const names = (process.argv[2] ?? Object.keys(modes).join(',')).split(',');
const calls = Number(process.argv[3] ?? 1);
const rounds = Number(process.argv[4] ?? 150);
const fig: Record<string, number[]> = Object.fromEntries(names.map((n) => [n, []]));
for (let r = -20; r < rounds; r++) for (const n of names.toSorted(() => Math.random() - 0.5)) { current.onStart = modes[n].onStart; current.onEnd = modes[n].onEnd; globalThis.fetch = n === 'full' ? noted : realFetch; const v = await slice(calls); if (r >= 0) fig[n]!.push(v); }
const off = fig.off!;
console.table(names.map((n) => ({ n, us: median(fig[n]!).toFixed(1), p20: quantile(fig[n]!, 0.2).toFixed(1), 'added%paired': median(fig[n]!.map((v, i) => (100 * (v - off[i]!)) / off[i]!)).toFixed(1), addedP20: (100 * (quantile(fig[n]!, 0.2) / quantile(off, 0.2) - 1)).toFixed(1) })));
await server.stop(); process.exit();
