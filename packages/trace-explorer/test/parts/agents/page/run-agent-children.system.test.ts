import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { readWhole } from '../../../../src/parts/agents/page/read.ts';
import { appOf, REQUIRE, runsIn } from '../../../core/command/run-command.ts';
import { randomId } from '../../../spans.ts';

// At night too: with an agent that passes TRACEPARENT.

t.setTimeout(120_000);

/**
 * A program that does what agents document: it runs a command as a tool, without the OTEL_* of its own environment, and sends
 * its telemetry afterwards.
 * @param passes whether the command gets TRACEPARENT
 */
const agentOf = (passes: boolean, [traceId, spanId]: readonly [string, string], session: string) => `
  const { execFileSync } = require('node:child_process');
  const pair = (key, value) => ({ key, value: { stringValue: String(value) } });
  const given = process.env.OTEL_RESOURCE_ATTRIBUTES.split(',').map((each) => pair(...each.split('=')));
  const resource = { attributes: [pair('service.name', 'the-agent'), ...given] };
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_')));
  ${passes ? `env.TRACEPARENT = '00-${traceId}-${spanId}-01';` : ''}
  const now = () => Date.now() + '000000';
  const start = now();
  execFileSync(process.execPath, ['app.cjs'], { env });
  const end = now();
  const send = (signal, body) => fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/' + signal, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  const attributes = [pair('session.id', '${session}'), pair('span.type', 'tool'), pair('tool_name', 'Bash')];
  const span = { traceId: '${traceId}', spanId: '${spanId}', name: 'claude_code.tool', attributes,
    startTimeUnixNano: start, endTimeUnixNano: end };
  const record = { timeUnixNano: end, body: { stringValue: 'codex.tool_result' }, attributes: [
    pair('event.name', 'codex.tool_result'), pair('conversation.id', '${session}'), pair('tool_name', 'shell'),
    pair('duration_ms', (Number(end) - Number(start)) / 1e6), pair('success', 'true')] };
  ${passes ? "send('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });" : ''}
  ${passes ? '' : "send('logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });"}
`;

for (const passes of IS_NIGHT ? [true, false] : [false])
  t.test(
    passes
      ? 'what an agent starts lies below its tool, where the agent passes TRACEPARENT'
      : 'what an agent starts is found by run and time, where the agent passes no TRACEPARENT',
    async (t) => {
      const work = t.testdir({
        'package.json': '{}',
        'app.cjs': appOf('const work = async () => {};', REQUIRE),
      });
      const { start, startExplorer } = runsIn(work);
      const { beside, port, spans } = await startExplorer(t);
      const [ids, session] = [[randomId(16), randomId(8)] as const, randomId(8)];
      const agent = join(work, passes ? 'claude' : 'codex');
      writeFileSync(agent, `#!${process.execPath}\n${agentOf(passes, ids, session)}`);
      chmodSync(agent, 0o755);
      const { said, ended } = start(t, ['--', agent], beside, { OTEL_TRACES_EXPORTER: 'otlp' });
      t.equal(await ended, 0, said.err);
      const app = await until(async () =>
        (await spans()).find(({ name, kind }) => kind === 3 && name.startsWith('GET')),
      );
      if (passes) {
        t.strictSame([app.traceId, app.parentSpanId], ids, 'below the tool');
        return;
      }
      const ask = (path: string) => fetch(`http://localhost:${port}${path}`);
      const { calls } = await readWhole(session, 'conversation.id', ask);
      t.match(calls, [{ name: 'shell', meanwhile: [{ trace_id: app.traceId }] }]);
    },
  );
