import t from 'tap';
import { callsIn } from '../../../../../src/parts/agents/page/conversation/read-calls.ts';

/** Tokens of a span with these attributes, in the order in which they came. */
function tokens(entries: readonly (readonly [name: string, value: string | number])[]) {
  const attributes = entries.map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
  }));
  const [call] = callsIn({ resourceSpans: [{ scopeSpans: [{ spans: [{ attributes }] }] }] });
  return [call?.usage.tokensIn, call?.usage.tokensOut];
}

t.test('tokens of a cache and of reasoning are not those of the call, in any order of fields', async (t) => {
  const conventions: Record<string, Record<string, string | number>> = {
    'semantic conventions': {
      'gen_ai.request.model': 'small',
      'gen_ai.usage.cache_read.input_tokens': 900,
      'gen_ai.usage.cache_creation.input_tokens': 80,
      'gen_ai.usage.reasoning.output_tokens': 7,
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 34,
    },
    OpenLLMetry: {
      'llm.request.type': 'chat',
      'gen_ai.usage.cache_read_input_tokens': 900,
      'gen_ai.usage.cache_creation_input_tokens': 80,
      'gen_ai.usage.reasoning_tokens': 7,
      'gen_ai.usage.prompt_tokens': 1000,
      'gen_ai.usage.completion_tokens': 34,
    },
    OpenInference: {
      'llm.model_name': 'small',
      'llm.token_count.prompt_details.cache_read': 900,
      'llm.token_count.completion_details.reasoning': 7,
      'llm.token_count.prompt': 1000,
      'llm.token_count.completion': 34,
    },
    'Vercel AI SDK': {
      'ai.model.id': 'small',
      'ai.usage.cachedInputTokens': 900,
      'ai.usage.reasoningTokens': 7,
      'ai.usage.inputTokens': 1000,
      'ai.usage.outputTokens': 34,
    },
    'Vercel AI SDK 4': {
      'ai.model.id': 'small',
      'ai.usage.promptTokens': 1000,
      'ai.usage.completionTokens': 34,
    },
  };
  for (const [name, attributes] of Object.entries(conventions)) {
    const entries = Object.entries(attributes);
    t.strictSame(tokens(entries), [1000, 34], name);
    t.strictSame(tokens(entries.toReversed()), [1000, 34], `${name}, reversed`);
  }
});

t.test('a call that says only what its cache gave says no tokens', async (t) => {
  for (const name of [
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
    'gen_ai.usage.reasoning.output_tokens',
  ])
    t.strictSame(
      tokens([
        ['gen_ai.request.model', 'small'],
        [name, 900],
      ]),
      [undefined, undefined],
      name,
    );
});

t.test('Claude Code counts tokens of a cache beside its input: all of them went in', async (t) => {
  const attributes = {
    'gen_ai.system': 'anthropic',
    'gen_ai.request.model': 'small',
    cache_read_tokens: 900,
    cache_creation_tokens: 80,
    input_tokens: 1000,
    output_tokens: 34,
  };
  t.strictSame(tokens(Object.entries(attributes)), [1980, 34]);
  t.strictSame(tokens(Object.entries(attributes).toReversed()), [1980, 34]);
});
