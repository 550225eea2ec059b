import { readFileSync } from 'node:fs';
import t from 'tap';
import type { Cause } from '../../../../src/core/problems/schemas.ts';
import type { CauseDetail } from '../../../../src/parts/causes/server/schemas.ts';
import { importAll } from '../../../core/traces/forms/transfer.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { storeLogs, storeSpans } from '../../../spans.ts';

/** The causes that only the log records of each agent's recorded conversation tell. */
const AGENTS: Readonly<Record<string, readonly string[]>> = {
  'claude-code': [
    'claude-opus-4-6 of claude-code fails: 529: Overloaded',
    'Bash of claude-code fails: Shell command failed',
  ],
  codex: ['gpt-5-codex of codex_cli_rs fails: 500: server error'],
  'gemini-cli': [
    'gemini-3-pro of gemini-cli fails: 429: Resource exhausted',
    'read_file of gemini-cli fails: File not found',
  ],
  // The span of its tool failed, too, which is a cause without its log record.
  copilot: [],
  opencode: [],
};
/** The recordings were made at this second. */
const MADE = 1_793_000_000;
const RANGE = `start_time=${MADE - 60}&end_time=${MADE + 60}`;

const bodiesOf = (agent: string) =>
  readFileSync(new URL(`../../agents/page/agents/${agent}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');

for (const [agent, sentences] of Object.entries(AGENTS))
  t.test(`${agent}: an error that only a log record tells is a cause, with its conversation`, async (t) => {
    const explorer = await temporaryExplorer(t);
    await importAll(explorer, bodiesOf(agent));
    const read = async (range: string) => {
      const { causes } = (await explorer.get(`/api/causes?${range}`)).body as { causes: Cause[] };
      return causes.filter(({ conversation }) => conversation !== undefined);
    };
    const causes = await read(RANGE);
    t.strictSame(causes.map(({ sentence }) => sentence).sort(), sentences.toSorted());
    for (const { id, conversation, trace_id, traces, of, first, spark } of causes) {
      t.strictSame([traces, of, trace_id], [1, 1, undefined]);
      t.ok(Math.abs(Date.parse(first) / 1000 - MADE) < 10, first);
      const failures = spark.reduce((sum, count) => sum + count, 0);
      t.equal(failures, agent === 'codex' ? 2 : 1);
      const { id: value, by } = conversation ?? { id: '', by: '' };
      const { logs } = (await explorer.get(`/api/logs?field=${by}=${value}`)).body as { logs: unknown[] };
      t.ok(logs.length > 0, 'the conversation has log records');
      const { cause, query } = (await explorer.get(`/api/causes/${id}?${RANGE}`)).body as CauseDetail;
      t.equal(cause?.id, id, 'it has a page of its own');
      t.equal(query, undefined);
    }
    t.strictSame(await read(`start_time=${MADE - 7200}&end_time=${MADE - 3600}`), [], 'not in another range');
  });

t.test(
  'the same failure in two conversations is one cause, and a failed span of the trace tells it',
  async (t) => {
    const explorer = await temporaryExplorer(t);
    const [first = '', second = ''] = ['1111', '9999'].map((part) =>
      bodiesOf('claude-code').join('\n').replaceAll('11111111-aaaa', `${part}1111-aaaa`),
    );
    await importAll(explorer, [...first.split('\n'), ...second.split('\n')]);
    const { causes } = (await explorer.get(`/api/causes?${RANGE}`)).body as { causes: Cause[] };
    const [overloaded] = causes.filter(({ type }) => type === '529');
    t.match(overloaded, { traces: 2, of: 2, lost_ms: 1400, service: 'claude-code' });

    const codex = bodiesOf('codex');
    await importAll(explorer, codex);
    const traceId = /"traceId":"([0-9a-f]{32})"/.exec(codex.join())?.[1] ?? '';
    const name = 'gpt-5-codex';
    const isTold = async () => {
      const { causes } = (await explorer.get(`/api/causes?${RANGE}`)).body as { causes: Cause[] };
      return causes.some((cause) => cause.name === name && cause.conversation !== undefined);
    };
    t.ok(await isTold());
    await storeSpans(explorer.store, [
      { traceId, name, start: BigInt(MADE) * 1_000_000_000n, durationMs: 5, status: 2 },
    ]);
    t.notOk(await isTold());
  },
);

t.test(
  'a tool that failed by its span and by a log record is one cause, a refused one is none',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const time = BigInt(Date.now() - 60_000) * 1_000_000n;
    const failed = { 'gen_ai.conversation.id': 's1', 'gen_ai.tool.name': 'shell' };
    await storeSpans(store, [
      { name: 'tool_call', start: time, durationMs: 0, status: 2, statusMessage: 'exit', attributes: failed },
    ]);
    const record = (more: object) => ({
      service: 'gemini-cli',
      time,
      body: 'tool',
      attributes: {
        'session.id': 's1',
        'event.name': 'gemini_cli.tool_call',
        success: false,
        error: 'no',
        ...more,
      },
    });
    await storeLogs(store, [
      record({ function_name: 'shell', decision: 'accept' }),
      record({ function_name: 'write', decision: 'reject' }),
      record({ function_name: 'read', decision: 'accept' }),
    ]);
    const { causes } = (await get('/api/causes')).body as { causes: Cause[] };
    t.match(causes.map(({ sentence }) => sentence).sort(), [
      /^read of gemini-cli fails/,
      /^tool_call shell of /,
    ]);
    t.equal(causes.length, 2);
  },
);
