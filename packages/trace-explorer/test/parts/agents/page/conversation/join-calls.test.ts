import t from 'tap';
import type { ModelCall } from '../../../../../src/parts/agents/page/conversation/join-calls.ts';
import { joinCalls } from '../../../../../src/parts/agents/page/conversation/join-calls.ts';

const says = (text: string, role = text.endsWith('?') ? 'user' : 'assistant') => ({
  role,
  parts: [{ text }],
});
const call = (
  index: number,
  start: number,
  input: string[],
  output: string[],
  more: Partial<ModelCall> = {},
) => ({
  index,
  start,
  end: start + 1,
  hasCalls: false,
  unread: [],
  input: input.map((text) => says(text)),
  output: output.map((text) => says(text)),
  ...more,
});
const texts = (calls: readonly ModelCall[]) =>
  joinCalls(calls).map(({ index, messages, repeated, note }) => [
    index,
    messages.flatMap(({ parts }) => parts.map(({ text }) => text)).join(' '),
    repeated,
    ...(note === undefined ? [] : [note]),
  ]);

t.test('a call adds what no earlier call has', async (t) => {
  t.same(texts([call(1, 0, ['a?'], ['A']), call(2, 5, ['a?', 'A', 'b?'], ['B'])]), [
    [1, 'a? A', 0],
    [2, 'b? B', 2],
  ]);
});

t.test('a message that a person says twice stands twice', async (t) => {
  t.same(texts([call(1, 0, ['a?'], ['A']), call(2, 5, ['a?', 'A', 'a?'], ['A'])]), [
    [1, 'a? A', 0],
    [2, 'a? A', 2],
  ]);
});

t.test('an agent and the calls below it say each thing once, the answer last', async (t) => {
  const agent = call(0, 0, ['a?'], ['B'], { end: 20, hasCalls: true });
  t.same(texts([agent, call(1, 1, ['a?'], ['A']), call(2, 5, ['a?', 'A'], ['B'])]), [
    [0, 'a?', 0],
    [1, 'A', 1],
    [2, 'B', 2],
  ]);
});

t.test('of a call without messages it says why', async (t) => {
  t.same(texts([call(1, 0, [], []), call(2, 1, [], [], { unread: ['input.value'] })]), [
    [1, '', 0, 'No messages were recorded.'],
    [2, '', 0, 'Its messages have an unknown form: input.value. They are among its fields, events and logs.'],
  ]);
});
