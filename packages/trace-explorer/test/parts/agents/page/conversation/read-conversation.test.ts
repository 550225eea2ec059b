import t from 'tap';
import type { AnyValue } from '../../../../../src/page/values/any-value.ts';
import { readConversation } from '../../../../../src/parts/agents/page/conversation/read-conversation.ts';

/** A value in OTLP's JSON encoding. */
function any(value: unknown): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { intValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(any) } };
  return value === null ? {} : { kvlistValue: { values: pairs(value as object) } };
}
const pairs = (values: object) => Object.entries(values).map(([key, value]) => ({ key, value: any(value) }));

interface Sent {
  readonly attributes?: object;
  readonly events?: readonly (readonly [name: string, attributes: object])[];
  readonly records?: readonly {
    readonly eventName?: string;
    readonly body?: unknown;
    readonly attributes?: object;
  }[];
}

function read({ attributes = {}, events = [], records = [] }: Sent) {
  const logs = records.map(({ eventName = '', body, attributes: own = {} }) => ({
    eventName,
    attributes: pairs(own),
    ...(body !== undefined && { body: any(body) }),
  }));
  const span = {
    attributes: pairs(attributes),
    events: events.map(([name, own]) => ({ name, attributes: pairs(own) })),
  };
  return readConversation(span, logs);
}

/** The messages in one list. */
function said(sent: Sent) {
  const { input, output } = read(sent);
  return [...input, ...output];
}

const call = { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Bern' } };
const INPUT = [
  { role: 'user', parts: [{ type: 'text', content: 'Rain?\n{"a":1}' }] },
  { role: 'assistant', parts: [call] },
  { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: '{"rain":true}' }] },
  { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c2', result: '7' }] },
];
const SYSTEM = { role: 'system', parts: [{ text: 'Be brief.' }] };
const CALL = { role: 'assistant', parts: [{ title: 'calls weather c1\n', text: '{\n  "city": "Bern"\n}' }] };
const RESULT = { role: 'tool', parts: [{ title: 'result of c1\n', text: '{\n  "rain": true\n}' }] };
const ANSWER = { role: 'assistant', reason: 'stop', parts: [{ text: 'Yes.' }] };
const YES = { role: 'assistant', parts: [{ text: 'Yes.' }] };
const EXPECTED = [
  SYSTEM,
  { role: 'user', parts: [{ text: 'Rain?\n{"a":1}' }] },
  CALL,
  RESULT,
  { role: 'tool', parts: [{ title: 'result of c2\n', text: '7' }] },
  ANSWER,
];
const attributes = {
  'gen_ai.system_instructions': [{ type: 'text', content: 'Be brief.' }],
  'gen_ai.input.messages': INPUT,
  'gen_ai.output.messages': [
    { role: 'assistant', parts: [{ type: 'text', content: 'Yes.' }], finish_reason: 'stop' },
  ],
};

t.test('messages from structured values, and from their JSON', async (t) => {
  t.same(said({ attributes }), EXPECTED);
  const asText = Object.entries(attributes).map(([key, value]) => [key, JSON.stringify(value)]);
  t.same(said({ attributes: Object.fromEntries(asText) }), EXPECTED);
});

t.test('what has no form is shown as it came', async (t) => {
  const given = (input: unknown) => said({ attributes: { 'gen_ai.input.messages': input } });
  t.same(given('[{"role": "user", "pa'), [{ role: 'input', parts: [{ text: '[{"role": "user", "pa' }] }]);
  t.same(given('"hello"'), [{ role: 'input', parts: [{ text: 'hello' }] }]);
  t.same(given('[null, 3, {"role": "user", "old": 1}]'), [
    { role: 'input', parts: [{ text: 'null' }] },
    { role: 'input', parts: [{ text: '3' }] },
    { role: 'input', parts: [{ text: '{\n  "role": "user",\n  "old": 1\n}' }] },
  ]);
  const parts = [{ type: 'blob', mime: 'image/png' }, null, { type: 'text', content: 5 }];
  t.same(given(JSON.stringify([{ role: { a: 1 }, parts }])), [
    {
      role: '{\n  "a": 1\n}',
      parts: [
        { title: 'blob\n', text: '{\n  "type": "blob",\n  "mime": "image/png"\n}' },
        { title: '\n', text: 'null' },
        { title: 'text\n', text: '{\n  "type": "text",\n  "content": 5\n}' },
      ],
    },
  ]);
  t.same(said({ attributes: { 'gen_ai.system_instructions': 'Be kind.' } }), [
    { role: 'system', parts: [{ text: 'Be kind.' }] },
  ]);
});

const toolCall = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } };
const USER = { role: 'user', parts: [{ text: 'Rain?' }] };
const ALL = [SYSTEM, USER, CALL, RESULT, ANSWER];

t.test('log records of the conventions 1.28 to 1.36, one for each message', async (t) => {
  const bodies: readonly (readonly [string, unknown])[] = [
    ['gen_ai.system.message', { content: 'Be brief.' }],
    ['gen_ai.user.message', { content: 'Rain?' }],
    ['gen_ai.assistant.message', { tool_calls: [toolCall] }],
    ['gen_ai.tool.message', { id: 'c1', content: '{"rain":true}' }],
    ['gen_ai.choice', { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Yes.' } }],
  ];
  t.same(said({ records: bodies.map(([eventName, body]) => ({ eventName, body })) }), ALL);
  const named = bodies.map(([name, body]) => ({ body, attributes: { 'event.name': name } }));
  t.same(said({ records: named }), ALL, 'the name in an attribute');
  const inAttribute = bodies.map(
    ([name, body]) =>
      [name, { 'gen_ai.system': 'openai', 'gen_ai.event.content': JSON.stringify(body) }] as const,
  );
  t.same(said({ events: inAttribute }), ALL, 'events of the span with the body as JSON');
});

t.test("events of a span with a message's parts as attributes", async (t) => {
  const events = [
    ['gen_ai.user.message', { content: '[{"text": "Rain?"}]' }],
    ['gen_ai.choice', { message: '[{"text": "Yes."}]', finish_reason: 'stop' }],
  ] as const;
  t.same(said({ events }), [USER, ANSWER]);
  const older = [
    ['gen_ai.content.prompt', { 'gen_ai.prompt': '[{"role":"user","content":"Rain?"}]' }],
    ['gen_ai.content.completion', { 'gen_ai.completion': '[{"role":"assistant","content":"Yes."}]' }],
  ] as const;
  t.same(said({ events: older }), [USER, YES]);
});

t.test('events without content are no messages', async (t) => {
  const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant' } };
  const records = [
    { eventName: 'gen_ai.user.message', body: {}, attributes: { 'gen_ai.system': 'openai' } },
    { eventName: 'gen_ai.choice', body: choice },
  ];
  t.same(said({ records }), []);
  t.same(read({ records }).unread, []);
});

t.test('gen_ai.prompt.N and gen_ai.completion.N', async (t) => {
  const prompt = (at: number, values: object) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`gen_ai.prompt.${at}.${name}`, value]));
  const given = {
    ...prompt(10, { role: 'user', content: 'Last' }),
    ...prompt(0, { role: 'system', content: 'Be brief.' }),
    ...prompt(1, { role: 'user', content: '[{"type":"text","text":"Rain?"}]' }),
    ...prompt(2, {
      role: 'assistant',
      'tool_calls.0.id': 'c1',
      'tool_calls.0.name': 'weather',
      'tool_calls.0.arguments': '{"city":"Bern"}',
    }),
    ...prompt(3, { role: 'tool', tool_call_id: 'c1', content: '{"rain":true}' }),
    'gen_ai.completion.0.role': 'assistant',
    'gen_ai.completion.0.content': 'Yes.',
    'gen_ai.completion.0.finish_reason': 'stop',
    'gen_ai.prompt.__proto__.role': 'x',
  };
  const { 'gen_ai.prompt.__proto__.role': hostile, ...wellFormed } = given;
  const result = { role: 'tool', parts: [{ title: 'result of c1\n', text: '{\n  "rain": true\n}' }] };
  const last = { role: 'user', parts: [{ text: 'Last' }] };
  t.same(said({ attributes: wellFormed }), [SYSTEM, USER, CALL, result, last, ANSWER]);
  said({ attributes: given });
  t.equal(hostile, 'x');
  t.equal(Reflect.get({}, 'role'), undefined, 'no name reaches the prototype of all objects');
});

t.test("OpenInference's llm.input_messages and llm.output_messages", async (t) => {
  const given = {
    'llm.input_messages.0.message.role': 'system',
    'llm.input_messages.0.message.content': 'Be brief.',
    'llm.input_messages.1.message.role': 'user',
    'llm.input_messages.1.message.contents.0.message_content.type': 'text',
    'llm.input_messages.1.message.contents.0.message_content.text': 'Rain?',
    'llm.input_messages.2.message.role': 'assistant',
    'llm.input_messages.2.message.tool_calls.0.tool_call.id': 'c1',
    'llm.input_messages.2.message.tool_calls.0.tool_call.function.name': 'weather',
    'llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments': '{"city":"Bern"}',
    'llm.input_messages.3.message.role': 'tool',
    'llm.input_messages.3.message.tool_call_id': 'c1',
    'llm.input_messages.3.message.content': '{"rain":true}',
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.content': 'Yes.',
    'llm.model_name': 'gpt-5',
    'llm.token_count.prompt': 12,
  };
  const { facts } = read({ attributes: given });
  t.same(said({ attributes: given }), [SYSTEM, USER, CALL, RESULT, YES]);
  t.same(facts, [
    ['llm.model_name', 'gpt-5'],
    ['llm.token_count.prompt', '12'],
  ]);
});

t.test("Vercel's ai.prompt, ai.response and ai.toolCall", async (t) => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'Rain?' }] },
    {
      role: 'assistant',
      content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Bern' } }],
    },
    {
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId: 'c1', output: { type: 'json', value: { rain: true } } }],
    },
  ];
  const inner = {
    'ai.prompt.messages': JSON.stringify(messages),
    'ai.response.text': 'Yes.',
    'ai.response.finishReason': 'stop',
  };
  t.same(said({ attributes: inner }), ALL);
  const outer = {
    'ai.prompt': JSON.stringify({ system: 'Be brief.', prompt: 'Rain?' }),
    'ai.response.toolCalls': '[{"toolCallId":"c1","toolName":"weather","input":{"city":"Bern"}}]',
  };
  t.same(said({ attributes: outer }), [SYSTEM, USER, CALL]);
  const tool = {
    'ai.toolCall.id': 'c1',
    'ai.toolCall.name': 'weather',
    'ai.toolCall.args': '{"city":"Bern"}',
    'ai.toolCall.result': '{"rain":true}',
  };
  t.same(said({ attributes: tool }), [CALL, RESULT]);
});

t.test(
  "MLflow's mlflow.spanInputs and mlflow.spanOutputs, with what each provider takes and gives",
  async (t) => {
    const saidBy = (inputs: unknown, outputs: unknown) =>
      said({
        attributes: {
          'mlflow.spanType': '"CHAT_MODEL"',
          'mlflow.spanInputs': JSON.stringify(inputs),
          'mlflow.spanOutputs': JSON.stringify(outputs),
        },
      });
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Rain?' },
      { role: 'assistant', content: null, tool_calls: [toolCall] },
      { role: 'tool', tool_call_id: 'c1', content: '{"rain":true}' },
    ];
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Yes.' } }];
    t.same(saidBy({ messages, model: 'gpt-5' }, { id: 'x', choices, usage: {} }), ALL, 'OpenAI, chat');
    const text = [{ type: 'output_text', text: 'Yes.' }];
    t.same(
      saidBy(
        { instructions: 'Be brief.', input: 'Rain?' },
        { output: [{ type: 'message', role: 'assistant', content: text }] },
      ),
      [SYSTEM, USER, YES],
      'OpenAI, responses',
    );
    t.same(
      saidBy(
        { system: 'Be brief.', messages: [{ role: 'user', content: 'Rain?' }] },
        { id: 'x', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] },
      ),
      [SYSTEM, USER, YES],
      'Anthropic',
    );
    const model = { role: 'model', parts: [{ text: 'Yes.' }] };
    t.same(
      saidBy(
        { contents: 'Rain?' },
        { candidates: [{ content: { role: 'model', parts: [{ text: 'Yes.' }] } }] },
      ),
      [USER, model],
      'Gemini',
    );
    t.same(
      saidBy([[{ content: 'Rain?', type: 'human' }]], {
        generations: [[{ text: 'Yes.', message: { content: 'Yes.', type: 'ai' } }]],
      }),
      [USER, YES],
      'LangChain',
    );
    t.same(saidBy('Rain?', 'Yes.'), [USER, YES], 'a text alone');
  },
);

t.test('fields that may have messages in another form are named', async (t) => {
  const unread = (attributes: object) => read({ attributes }).unread;
  t.same(
    unread({
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.output.type': 'text',
    }),
    [],
  );
  for (const name of [
    'langfuse.observation.input',
    'mlflow.spanInputs',
    'traceloop.entity.output',
    'pydantic_ai.all_messages',
    'input.value',
    'llm.response',
    'genkit:input',
  ])
    t.same(unread({ [name]: 'Rain?', 'gen_ai.request.model': 'gpt-5' }), [name]);
  t.same(read({ events: [['message', { 'message.content': 'Rain?' }]] }).unread, ['message.content']);
});

t.test("a tool's own span says what it was given and what it gave, in each convention", (t) => {
  const expected = [
    { role: 'assistant', parts: [{ title: 'calls weather c1\n', text: '{\n  "city": "Bern"\n}' }] },
    { role: 'tool', parts: [{ title: 'result of c1\n', text: 'rain' }] },
  ];
  const given = JSON.stringify({ city: 'Bern' });
  t.same(
    said({
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'weather',
        'gen_ai.tool.call.id': 'c1',
        'gen_ai.tool.call.arguments': given,
        'gen_ai.tool.call.result': 'rain',
      },
    }),
    expected,
  );
  t.same(
    said({
      attributes: {
        'openinference.span.kind': 'TOOL',
        'tool.name': 'weather',
        'tool_call.id': 'c1',
        'input.value': given,
        'output.value': 'rain',
      },
    }),
    expected,
  );
  t.match(
    said({
      attributes: {
        'gen_ai.system': 'x',
        'traceloop.span.kind': 'tool',
        'traceloop.entity.name': 'weather',
        'traceloop.entity.input': given,
        'traceloop.entity.output': 'rain',
      },
    }),
    [{ role: 'assistant' }, { role: 'tool', parts: [{ text: 'rain' }] }],
  );
  t.same(
    said({ attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'weather' } }),
    [],
  );
  t.end();
});
