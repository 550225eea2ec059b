import { readFileSync } from 'node:fs';
import t from 'tap';
import { ApiError } from '../../../../src/page/api/api.ts';
import { readWhole } from '../../../../src/parts/agents/page/read.ts';
import { importAll } from '../../../core/traces/forms/transfer.ts';
import { temporaryExplorer } from '../../../explorer.ts';

/**
 * What must be shown of each agent's body, noted from its public documents before the code was tried. The bodies are recordings
 * and documents of these, with their values replaced: name, tokens, money, first token, failure, note, what was said.
 */
const AGENTS = {
  // https://code.claude.com/docs/en/monitoring-usage, and a recording of version 2.1.138 with spans
  'claude-code': {
    by: 'session.id',
    id: '11111111-aaaa-4bbb-8ccc-000000000001',
    shown: [
      'Prompt | user: <REDACTED>',
      'claude-opus-4-6 | failed 529 Overloaded',
      'claude_code.llm_request | 185963 in 120 out $0.0477 first 1166 | attempt 2',
      'claude_code.tool Bash | failed Shell command failed | accept by config | assistant: npm test',
      'Asked for Write | reject by user_reject',
    ],
    problems: [
      'claude-opus-4-6 failed: 529 Overloaded',
      'claude_code.llm_request was tried again',
      'claude_code.tool Bash failed: Shell command failed',
    ],
  },
  // https://developers.openai.com/codex/config-advanced, and the events in codex-rs/otel
  codex: {
    by: 'conversation.id',
    id: '44444444-aaaa-7bbb-8ccc-000000000004',
    shown: [
      'Prompt | user: [REDACTED]',
      'gpt-5-codex | failed 500 server error',
      'gpt-5-codex | failed 500 server error | attempt 2',
      'gpt-5-codex | 1250 in 85 out',
      'shell | approved by User | assistant: {"command":["ls"]} | tool: README.md',
    ],
    problems: ['gpt-5-codex failed: 500 server error'],
  },
  // https://geminicli.com/docs/cli/telemetry
  'gemini-cli': {
    by: 'session.id',
    id: '55555555-aaaa-4bbb-8ccc-000000000005',
    shown: [
      'user_prompt',
      'Prompt',
      'gemini-3-pro | failed 429 Resource exhausted',
      'llm_call | 1500 in 80 out',
      'tool_call read_file | auto_accept | assistant: {"path":"src/app.ts"}',
      'tool_call read_file | failed File not found | auto_accept | assistant: {"path":"gone.ts"}',
    ],
    problems: ['gemini-3-pro failed: 429 Resource exhausted', 'tool_call read_file failed: File not found'],
  },
  // https://code.visualstudio.com/docs/copilot/guides/monitoring-agents
  copilot: {
    by: 'gen_ai.conversation.id',
    id: '88888888-aaaa-4bbb-8ccc-000000000008',
    shown: [
      'invoke_agent copilot | 1500 in 250 out',
      'chat gpt-4o | 1500 in 250 out first 450',
      'execute_tool readFile | failed File not found',
    ],
    problems: ['execute_tool readFile failed: File not found'],
  },
  // https://opencode.ai/config.json, and https://ai-sdk.dev/docs/ai-sdk-core/telemetry
  opencode: {
    by: 'session.id',
    id: 'ses_000000000000000001',
    shown: [
      'ai.streamText | 640 in 22 out',
      'ai.streamText.doStream | 640 in 22 out first 812.5 | user: list the files',
      'ai.toolCall bash | assistant: { "command": "ls" } | tool: README.md',
    ],
    problems: [],
  },
};

for (const [agent, { by, id, shown, problems }] of Object.entries(AGENTS))
  t.test(`${agent}: each step once, with what its spans and its log records tell`, async (t) => {
    const explorer = await temporaryExplorer(t);
    const bodies = readFileSync(new URL(`agents/${agent}.jsonl`, import.meta.url), 'utf8');
    await importAll(explorer, bodies.trim().split('\n'));
    const ask = async (path: string): Promise<Response> => {
      const { statusCode, body } = await explorer.app.inject(path);
      if (statusCode !== 200) throw new ApiError(statusCode, path, JSON.parse(body));
      return new Response(body);
    };
    const read = await readWhole(id, by, ask);
    const lines = read.calls.map(({ name, usage, failed, problem, attempt = 1, note, input, output }) =>
      [
        name,
        [
          usage.tokensIn !== undefined && `${usage.tokensIn} in ${usage.tokensOut} out`,
          usage.cost !== undefined && `$${usage.cost}`,
          usage.first !== undefined && `first ${usage.first}`,
        ]
          .filter(Boolean)
          .join(' '),
        failed && `failed ${problem}`,
        attempt > 1 && `attempt ${attempt}`,
        note,
        ...[...input, ...output].map(
          ({ role, parts }) => `${role}: ${parts.map(({ text }) => text.replace(/\s+/g, ' ')).join()}`,
        ),
      ]
        .filter(Boolean)
        .join(' | '),
    );
    t.strictSame(lines, shown);
    t.strictSame([...read.problems.keys()], problems);
    if (read.traces > 0) {
      const [first] = read.calls.filter(({ traceId, spanId }) => traceId !== '' && spanId !== '');
      if (first !== undefined)
        t.strictSame(
          (await readWhole(first.traceId, undefined, ask)).calls,
          read.calls,
          'also from its trace',
        );
    }
  });
