import t from 'tap';
import { readConversation } from '../../../../../../src/page/views/trace/panel/conversation/read-conversation.ts';

/** The messages of a span with these attributes. */
const readMessages = (attributes: object) =>
  readConversation([{ resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] }], () => ({ ...attributes }))
    .messages;

const call = { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Bern' } };
const INPUT = [
  { role: 'user', parts: [{ type: 'text', content: 'Rain?\n{"a":1}' }] },
  { role: 'assistant', parts: [call] },
  { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: '{"rain":true}' }] },
  { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c2', result: 7 }] },
];
const EXPECTED = [
  { role: 'system', parts: [{ text: 'Be brief.' }] },
  { role: 'user', parts: [{ text: 'Rain?\n{"a":1}' }] },
  { role: 'assistant', parts: [{ title: 'calls weather c1\n', text: '{\n  "city": "Bern"\n}' }] },
  { role: 'tool', parts: [{ title: 'result of c1\n', text: '{\n  "rain": true\n}' }] },
  { role: 'tool', parts: [{ title: 'result of c2\n', text: '7' }] },
  { role: 'assistant, ended by stop', parts: [{ text: 'Yes.' }] },
];
const attributes = {
  'gen_ai.system_instructions': [{ type: 'text', content: 'Be brief.' }],
  'gen_ai.input.messages': INPUT,
  'gen_ai.output.messages': [
    { role: 'assistant', parts: [{ type: 'text', content: 'Yes.' }], finish_reason: 'stop' },
  ],
};

t.test('messages from structured values, and from their JSON', async (t) => {
  t.same(readMessages(attributes), EXPECTED);
  const asText = Object.entries(attributes).map(([key, value]) => [key, JSON.stringify(value)]);
  t.same(readMessages(Object.fromEntries(asText)), EXPECTED);
  t.same(readMessages({}), [{ role: 'Its messages were not recorded.', parts: [] }]);
});

t.test('what has no form is shown as it came', async (t) => {
  const read = (input: unknown) => readMessages({ 'gen_ai.input.messages': input });
  t.same(read('[{"role": "user", "pa'), [{ role: 'input', parts: [{ text: '[{"role": "user", "pa' }] }]);
  t.same(read('"hello"'), [{ role: 'input', parts: [{ text: 'hello' }] }]);
  t.same(read([null, 3, { role: 'user', content: 'old' }]), [
    { role: 'input', parts: [{ text: 'null' }] },
    { role: 'input', parts: [{ text: '3' }] },
    { role: 'input', parts: [{ text: '{\n  "role": "user",\n  "content": "old"\n}' }] },
  ]);
  const parts = [{ type: 'blob', mime: 'image/png' }, null, { type: 'text', content: 5 }];
  t.same(read([{ role: { a: 1 }, parts }]), [
    {
      role: '{\n  "a": 1\n}',
      parts: [
        { title: 'blob\n', text: '{\n  "type": "blob",\n  "mime": "image/png"\n}' },
        { title: '\n', text: 'null' },
        { title: 'text\n', text: '{\n  "type": "text",\n  "content": 5\n}' },
      ],
    },
  ]);
  t.same(readMessages({ 'gen_ai.system_instructions': 'Be kind.' }), [
    { role: 'system', parts: [{ text: 'Be kind.' }] },
  ]);
});
