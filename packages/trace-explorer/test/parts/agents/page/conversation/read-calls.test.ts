import t from 'tap';
import { agentSteps } from '../../../../../src/core/traces/model/agents/agent-steps.ts';
import type { AnyValue } from '../../../../../src/page/values/any-value.ts';
import { conversationOf } from '../../../../../src/parts/agents/page/conversation/conversation.ts';
import { callsIn } from '../../../../../src/parts/agents/page/conversation/read-calls.ts';
import { withSteps } from '../../../../../src/parts/agents/page/conversation/with-steps.ts';

const any = (value: unknown): AnyValue =>
  typeof value === 'number'
    ? { intValue: value }
    : typeof value === 'boolean'
      ? { boolValue: value }
      : typeof value === 'object'
        ? (value as AnyValue)
        : { stringValue: String(value) };

/** A span; times in milliseconds. */
const span = (
  spanId: string,
  parentSpanId: string,
  from: number,
  to: number,
  attributes: object,
  more: object = {},
) => ({
  traceId: 'aa'.repeat(16),
  spanId,
  parentSpanId,
  name: spanId,
  startTimeUnixNano: `${from}000000`,
  endTimeUnixNano: `${to}000000`,
  attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: any(value) })),
  ...more,
});
const callsOf = (...spans: ReturnType<typeof span>[]) =>
  callsIn({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const record = (name: string, at: number, attributes: object) => ({
  time_ns: `${at}000000`,
  attributes: { 'event.name': name, ...attributes },
});

const agent = { 'gen_ai.operation.name': 'invoke_agent' };
const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' };
const used = (given: number, made: number) => ({
  'gen_ai.usage.input_tokens': given,
  'gen_ai.usage.output_tokens': made,
});
const chat = (given?: number, made = 0) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'm',
  ...(given !== undefined && used(given, made)),
});
const together = (...spans: ReturnType<typeof span>[]) => {
  const { together, models } = conversationOf(callsOf(...spans));
  return [together.tokensIn, together.tokensOut, models.join()];
};

t.test('tokens count once: those of calls, and of an agent whose calls tell none', async (t) => {
  const root = (attributes: object = agent) => span('root', '', 0, 100, attributes);
  t.strictSame(
    together(root(), span('chat', 'root', 1, 50, chat(100, 10)), span('tool', 'chat', 10, 40, tool)),
    [100, 10, 'm'],
    'with its tool below it',
  );
  t.strictSame(
    together(
      root({ ...agent, ...used(150, 15) }),
      span('one', 'root', 1, 40, chat(100, 10)),
      span('tool', 'one', 5, 30, tool),
      span('two', 'root', 50, 90, chat(50, 5)),
    ),
    [150, 15, 'm'],
    'an agent repeats their sum',
  );
  t.strictSame(
    together(
      root({ ...agent, ...used(113, 11) }),
      span('work', 'root', 1, 9, {}),
      span('one', 'work', 2, 8, chat()),
    ),
    [113, 11, 'm'],
    'its calls tell no tokens',
  );
  t.strictSame(
    together(
      root(),
      span('chat', 'root', 1, 50, chat(100, 10)),
      span('tool', 'chat', 5, 40, tool),
      span('inner', 'tool', 6, 30, chat(7, 1)),
    ),
    [107, 11, 'm'],
    'a tool that asks a model itself',
  );
  t.strictSame(together(span('own', 'own', 0, 9, chat(5, 1))), [5, 1, 'm'], 'a span that is its own parent');
});

t.test('a read part of a trace knows the spans that it leaves out', async (t) => {
  const parents = new Map([
    ['chat', 'work'],
    ['work', 'root'],
    ['root', ''],
  ]);
  const spans = [span('root', '', 0, 9, { ...agent, ...used(5, 1) }), span('chat', 'work', 1, 8, chat(5, 1))];
  const calls = callsIn({ resourceSpans: [{ scopeSpans: [{ spans }] }] }, parents);
  t.strictSame(
    calls.map(({ hasCalls }) => hasCalls),
    [true, false],
  );
});

t.test(
  "tokens of a cache went in: beside the input by Claude Code's fields, within it by others'",
  async (t) => {
    const givenBy = (attributes: object) =>
      callsOf(span('c', '', 0, 9, { ...chat(), ...attributes }))[0]?.usage.tokensIn;
    t.equal(givenBy({ input_tokens: 5, cache_read_tokens: 100, cache_creation_tokens: 20 }), 125);
    t.equal(givenBy({ ...used(100, 1), 'gen_ai.usage.cache_read.input_tokens': 90 }), 100);
    const [claude] = agentSteps([
      record('api_request', 9, { input_tokens: 5, cache_read_tokens: '100', cache_creation_tokens: 20 }),
    ]);
    t.equal(claude?.usage.tokensIn, 125);
    for (const [event, input, cached] of [
      ['codex.sse_event', 'input_token_count', 'cached_token_count'],
      ['gemini_cli.api_response', 'input_token_count', 'cached_content_token_count'],
    ] as const)
      t.equal(
        agentSteps([record(event, 9, { [input]: 4100, [cached]: 3000 })])[0]?.usage.tokensIn,
        4100,
        event,
      );
  },
);

t.test('a request that a span tells without tokens, and a log record with them, is one call', async (t) => {
  const calls = callsOf(
    span('root', '', 0, 9000, { 'gen_ai.operation.name': 'user_prompt' }),
    span('first', 'root', 100, 2000, chat()),
    span('failed', 'root', 2000, 3000, chat(), { status: { code: 2 } }),
    span('other', 'root', 3000, 3500, { ...chat(), 'gen_ai.request.model': 'n' }),
  );
  const given = (...models: readonly [name: string, at: number, attributes: object][]) =>
    withSteps(calls, agentSteps(models.map(([name, at, more]) => record(`gemini_cli.${name}`, at, more))))
      .filter(({ usage, failed }) => usage.tokensIn !== undefined || failed)
      .map(({ spanId, usage, failed }) => [spanId, usage.tokensIn, failed]);
  const answered = { model: 'm', input_token_count: 7, output_token_count: 1 };
  t.strictSame(given(['api_response', 2001, answered]), [
    ['first', 7, false],
    ['failed', undefined, true],
  ]);
  t.strictSame(given(['api_error', 3000, { model: 'm', error: 'no' }]), [['failed', undefined, true]]);
  t.strictSame(
    given(['api_response', 3501, answered]),
    [
      ['first', 7, false],
      ['failed', undefined, true],
    ],
    'not that of another model',
  );
});

t.test('a tool that a person refused is a decision and no failure, wherever it is told', async (t) => {
  const refused = { function_name: 'write', success: false, error: 'not allowed' };
  for (const decision of ['reject', 'denied', 'abort', 'decline'])
    t.match(agentSteps([record('gemini_cli.tool_call', 9, { ...refused, decision })]), [
      { failed: false, problem: undefined, note: decision },
    ]);
  t.match(
    agentSteps([
      record('tool_decision', 8, { tool_name: 'write', tool_use_id: 'u', decision: 'reject' }),
      record('tool_result', 9, { tool_name: 'write', tool_use_id: 'u', success: false }),
    ]),
    [{ failed: false, note: 'reject' }],
    'by a record of its own',
  );
  t.match(agentSteps([record('gemini_cli.tool_call', 9, { ...refused, decision: 'accept' })]), [
    { failed: true },
  ]);
  const steps = agentSteps([
    record('tool_result', 9, { tool_name: 'search', tool_use_id: 'u', decision: 'reject' }),
  ]);
  const failed = callsOf(span('tool', '', 0, 9, { ...tool, tool_use_id: 'u', success: false }));
  t.match(withSteps(failed, steps), [{ failed: false }], 'by a span and a record');
  t.match(callsOf(span('tool', '', 0, 9, { ...tool, success: false, decision: 'reject' })), [
    { failed: false },
  ]);
});

t.test('failures name the tool, and lead to their calls', async (t) => {
  const failed = { status: { code: 2, message: 'timed out' } };
  const { problems, calls } = conversationOf(
    callsOf(
      span('run', '', 20, 29, { 'span.type': 'tool', tool_name: 'Bash' }, failed),
      span('chat', '', 0, 9, chat(1, 1)),
      span('again', '', 30, 39, { 'span.type': 'tool', tool_name: 'Bash' }, { ...failed, name: 'run' }),
    ),
  );
  t.strictSame([...problems], [['run Bash failed: timed out', [1, 2]]]);
  t.strictSame(
    problems.get('run Bash failed: timed out')?.map((index) => calls[index]?.spanId),
    ['run', 'again'],
  );
});

const nested = (depth: number): AnyValue => {
  let value: AnyValue = { stringValue: 'deep' };
  for (let i = 0; i < depth; i++)
    value = i % 2 ? { arrayValue: { values: [value] } } : { kvlistValue: { values: [{ key: 'a', value }] } };
  return value;
};
const map = (...keys: readonly string[]): AnyValue => ({
  kvlistValue: { values: keys.map((key) => ({ key, value: { intValue: 1 } })) },
});
const ODD = map('toString', 'valueOf', 'toJSON', '__proto__', 'constructor', 'map', 'then');

/** Attributes that somebody may send, each by its kind. */
const HOSTILE: Readonly<Record<string, object>> = {
  'a map with names of methods': Object.fromEntries(
    [
      ...[
        'gen_ai.input.messages',
        'gen_ai.output.messages',
        'gen_ai.system_instructions',
        'gen_ai.prompt',
        'llm.input_messages',
      ],
      ...[
        'gen_ai.usage.input_tokens',
        'gen_ai.request.model',
        'gen_ai.tool.name',
        'ai.toolCall.result',
        'ai.response.text',
      ],
      ...[
        'attempt',
        'error',
        'decision',
        'request_id',
        'session.id',
        'gen_ai.agent.name',
        'input.value',
        'event.name',
      ],
    ].map((name) => [name, ODD]),
  ),
  'a type, and candidates, of such maps': {
    'gen_ai.input.messages': JSON.stringify([
      { role: { toString: 1 }, content: [{ type: { toString: 1 }, text: 'x' }] },
    ]),
    'mlflow.spanOutputs': JSON.stringify({ candidates: { map: 1 }, generations: { flat: 1 } }),
  },
  '5,000 nested brackets': Object.fromEntries(
    [
      'gen_ai.input.messages',
      'gen_ai.output.messages',
      'mlflow.spanInputs',
      'ai.prompt',
      'gen_ai.prompt',
      'input.value',
      'error',
    ].map((name) => [name, '['.repeat(5_000) + ']'.repeat(5_000)]),
  ),
  'tool arguments nested 9,000 deep': {
    'gen_ai.tool.call.arguments': nested(9_000),
    'gen_ai.tool.name': 'x',
    'gen_ai.input.messages': nested(9_000),
    'mlflow.spanInputs': nested(9_000),
  },
  'a name of 2,000 steps': {
    [`gen_ai.prompt.0${'.a'.repeat(2_000)}`]: 'x',
    [`llm.input_messages.0${'.message'.repeat(2_000)}.b`]: 'x',
    'gen_ai.prompt.0': map('role'),
    'gen_ai.prompt.0.__proto__.polluted': 'x',
  },
  'a name of 100,000 _': { ['_'.repeat(100_000)]: 'x', [`${'_messages'.repeat(11_000)}-`]: 'x' },
  'a plain message of 4,000,000 characters': {
    'gen_ai.input.messages': JSON.stringify(['m'.repeat(4_000_000)]),
    'ai.response.toolCalls': JSON.stringify(['t'.repeat(4_000_000)]),
  },
};

for (const [what, attributes] of Object.entries(HOSTILE))
  t.test(`${what}: the span is told, and the others as if it were not there`, async (t) => {
    const spans = [
      span('odd', '', 0, 5, { ...chat(), ...attributes }),
      span('chat', '', 10, 19, {
        ...chat(100, 10),
        'gen_ai.output.messages': '[{"role":"assistant","content":"Yes."}]',
      }),
    ];
    const document = { resourceSpans: [{ scopeSpans: [{ spans }] }] };
    const read = conversationOf(callsIn(document));
    t.strictSame(
      read.calls.map(({ spanId }) => spanId),
      ['odd', 'chat'],
    );
    t.match(read.turns, [{ index: 0 }, { index: 1, messages: [{ parts: [{ text: 'Yes.' }] }] }]);
    t.equal(Reflect.get({}, 'polluted'), undefined);
    const plain = Object.fromEntries(
      Object.keys(attributes).map((name) => [name, JSON.parse('{"toString":1}')]),
    );
    t.doesNotThrow(() =>
      agentSteps([{ attributes: { ...plain, 'event.name': 'api_request' } }, { attributes: plain }]),
    );
  });
