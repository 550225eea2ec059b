import type { Test } from 'tap';
import t from 'tap';
import { leanEngine } from '../../../src/chosen/lean/engine.ts';
import { undiciChannels } from '../../../src/guest/node/undici.ts';
import { sdkEngine } from '../../../src/road/spans/provider.ts';
import { undici } from '../../../src/service/undici.ts';
import type { Cases, Step } from './w3c-cases.ts';
import { BEYOND, PARENT_ID, SUITE, TRACE_ID } from './w3c-cases.ts';
import type { Sent, Service } from './w3c-service.ts';
import { startService } from './w3c-service.ts';

t.equal(Object.keys(SUITE).length, 41, 'all cases of the W3C suite are here');

/** What makes SERVER and CLIENT spans in the pair, with TRACE_LEAN, and in a process that `run` starts. */
const ROADS = {
  pair: [sdkEngine, undici()],
  lean: [leanEngine, undiciChannels()],
  run: [sdkEngine, undiciChannels()],
} as const;

for (const [name, [engine, traceClient]] of Object.entries(ROADS)) {
  for (const sampler of ['parentbased_always_on', 'always_off'] as const) {
    t.test(`${sampler}, ${name}`, async (t) => {
      const service = await startService(t, sampler, engine, traceClient);
      await t.test('W3C validation suite, strict, specification level 2', (t) =>
        run(t, service, sampler, SUITE),
      );
      await t.test('beyond the suite', (t) => run(t, service, sampler, BEYOND));
    });
  }
}

async function run(t: Test, service: Service, sampler: string, cases: Cases): Promise<void> {
  for (const [name, steps] of Object.entries(cases)) {
    await t.test(name, async (t) => {
      for (const step of steps) {
        const flags = sampler === 'always_off' ? step.flags?.replace('1', '0').replace('3', '2') : step.flags;
        check(t, step, flags, await service.call(step.headers, step.calls));
      }
    });
  }
}

function check(t: Test, step: Step, expectedFlags: string | undefined, sent: readonly Sent[]): void {
  t.equal(sent.length, step.calls ?? 1, 'the service called out');
  const traceIds = new Set<string>();
  const parentIds = new Set<string>();
  for (const { traceparent, tracestate } of sent) {
    t.equal(traceparent.length, 1, 'one traceparent');
    t.match(traceparent[0], /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/);
    const [, traceId = '', parentId = '', flags] = traceparent[0]?.split('-') ?? [];
    traceIds.add(traceId);
    parentIds.add(parentId);
    if (expectedFlags !== undefined) t.equal(flags, expectedFlags, 'flags');
    t.ok(tracestate.length <= 1 && tracestate[0] !== '', 'at most one tracestate, none empty');
    if (step.noState) t.same(tracestate, [], 'no tracestate');
    if (step.state) t.same(tracestate, [step.state.join(',')], 'tracestate');
  }
  t.equal(traceIds.size, 1, 'one trace');
  t.equal(traceIds.has(TRACE_ID), step.trace === 'kept', `the trace is ${step.trace}`);
  t.equal(parentIds.size, sent.length, 'every call has a parent of its own');
  t.notOk(parentIds.has(PARENT_ID), 'the parent is a span of the service');
}
