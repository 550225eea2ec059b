import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { agentSummary } from '../../../../src/parts/agents/command/agent-ending.ts';
import { agentNotes, agentOf, agentVariables } from '../../../../src/parts/run/command/agents.ts';
import { runsIn } from '../../../core/command/run-command.ts';

const ENDPOINT = 'http://localhost:4318';
t.setTimeout(120_000);

t.test('an agent gets the variables that it documents, and prompts are off by name', async (t) => {
  t.equal(agentOf('/usr/local/bin/claude'), 'claude');
  t.equal(agentOf('gemini.cmd'), 'gemini');
  t.equal(agentOf('node'), undefined);
  t.strictSame(agentVariables(agentOf('node'), ENDPOINT, {}, true), {}, 'no other command gets any');
  t.match(agentVariables('gemini', ENDPOINT, {}, false), {
    GEMINI_TELEMETRY_ENABLED: 'true',
    GEMINI_TELEMETRY_OTLP_ENDPOINT: ENDPOINT,
    GEMINI_TELEMETRY_LOG_PROMPTS: 'false',
  });
  t.equal(agentVariables('gemini', ENDPOINT, {}, true).GEMINI_TELEMETRY_LOG_PROMPTS, 'true');
  for (const name of ['claude', 'copilot', 'codex', 'opencode', 'gemini']) {
    const values = Object.entries(agentVariables(name, ENDPOINT, {}, false));
    const sending = values.filter(
      ([key, value]) => /PROMPT|CONTENT/.test(key) && !/^(?:0|false)$/.test(value),
    );
    t.strictSame(sending, [], `${name} sends no prompts`);
  }
});

t.test('what a caller has set stays, and is said', async (t) => {
  const caller = { OTEL_LOG_USER_PROMPTS: '1', OTEL_LOGS_EXPORTER: 'console' };
  const set = agentVariables('claude', ENDPOINT, caller, false);
  t.notOk('OTEL_LOG_USER_PROMPTS' in set || 'OTEL_LOGS_EXPORTER' in set);
  t.match(agentNotes('claude', ENDPOINT, { ...caller, ...set }, false), [
    /^claude sends telemetry: /,
    'It sends prompts to the explorer: OTEL_LOG_USER_PROMPTS=1.',
  ]);
});

t.test('an agent without a variable gets lines to copy, and is said to send prompts', async (t) => {
  t.strictSame(agentVariables('codex', ENDPOINT, {}, false), {});
  const [codex = ''] = agentNotes('codex', ENDPOINT, {}, false);
  t.match(codex, 'exporter = { otlp-http = { endpoint = "http://localhost:4318/v1/logs"');
  t.match(codex, 'log_user_prompt = false');
  t.match(agentNotes('opencode', ENDPOINT, {}, false), [
    /"openTelemetry": true/,
    /has no setting that leaves them out/,
  ]);
});

t.test('the end sums up the log records of three agents', async (t) => {
  const event = (body: string, attributes: object) => ({ body, attributes: { ...attributes } });
  t.equal(
    agentSummary([
      event('claude_code.user_prompt', { 'event.name': 'user_prompt', prompt_length: '12' }),
      event('claude_code.api_request', {
        'event.name': 'api_request',
        input_tokens: '1200',
        output_tokens: '34',
        cost_usd: '0.031',
      }),
      event('claude_code.api_error', { 'event.name': 'api_error', status_code: '529', attempt: '1' }),
      event('claude_code.tool_result', {
        'event.name': 'tool_result',
        tool_name: 'Bash',
        success: 'false',
        duration_ms: '2500',
      }),
      event('claude_code.tool_result', {
        'event.name': 'tool_result',
        tool_name: 'Read',
        success: 'true',
        duration_ms: '4',
      }),
    ]),
    '1 turn, 1,200 tokens in, 34 out, $0.03 as the agent reports it, 2 tool calls, the slowest Bash with 2.50 s, 2 failures.',
  );
  t.equal(
    agentSummary([
      event('', { 'event.name': 'codex.user_prompt', 'conversation.id': 'c' }),
      event('', { 'event.name': 'codex.sse_event', input_token_count: 50, output_token_count: 5 }),
      event('', {
        'event.name': 'codex.tool_result',
        tool_name: 'shell',
        success: 'true',
        duration_ms: '90',
      }),
    ]),
    '1 turn, 50 tokens in, 5 out, 1 tool call, the slowest shell with 90.0 ms, 0 failures.',
  );
  t.equal(
    agentSummary([
      event('', { 'event.name': 'gemini_cli.user_prompt' }),
      event('', { 'event.name': 'gemini_cli.api_response', input_token_count: 7, output_token_count: 1 }),
      event('', { 'event.name': 'gen_ai.client.inference.operation.details', input_tokens: 7 }),
      event('', {
        'event.name': 'gemini_cli.tool_call',
        function_name: 'read_file',
        success: false,
        duration_ms: 8,
      }),
    ]),
    '1 turn, 7 tokens in, 1 out, 1 tool call, the slowest read_file with 8.00 ms, 1 failure.',
  );
  t.equal(agentSummary([event('listening', { port: 3000 })]), undefined);
  const hostile = event('', {
    'event.name': 'tool_result',
    tool_name: '\u001b[31m\n__proto__',
    duration_ms: 'x',
  });
  for (const sign of ['\u001b', '\n']) t.notOk(agentSummary([hostile])?.includes(sign));
});

t.test('run starts an agent with its variables, and ends with what its log records say', async (t) => {
  const work = t.testdir({ 'package.json': '{}' });
  const { start, startExplorer } = runsIn(work);
  const { beside } = await startExplorer(t);
  const agent = join(work, 'claude');
  const record = `{ timeUnixNano: Date.now() + '000000', body: { stringValue: 'claude_code.user_prompt' },
    attributes: [{ key: 'event.name', value: { stringValue: 'user_prompt' } }] }`;
  writeFileSync(
    agent,
    `#!${process.execPath}
    const pairs = process.env.OTEL_RESOURCE_ATTRIBUTES.split(',').map((pair) => pair.split('='));
    const attributes = pairs.map(([key, stringValue]) => ({ key, value: { stringValue } }));
    const body = JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: [${record}] }] }] });
    const headers = { 'content-type': 'application/json' };
    fetch(process.env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, { method: 'POST', headers, body }).then(() =>
      console.log(process.env.CLAUDE_CODE_ENABLE_TELEMETRY, process.env.OTEL_LOG_USER_PROMPTS));
  `,
  );
  chmodSync(agent, 0o755);
  const { said, ended } = start(t, ['--', agent], beside);
  t.equal(await ended, 0, said.err);
  t.equal(said.out, '1 0\n');
  t.match(said.err, /It leaves out prompts: OTEL_LOG_USER_PROMPTS=0\. --prompts sends them\./);
  t.match(said.err, /claude: 1 turn, 0 tokens in, 0 out/);
});
