import t from 'tap';
import { openPage } from '../../../../page/browser.ts';
import { eachLook, pageWidth } from '../../../../page/looks.ts';
import { shownText } from '../../../../page/trace-fixtures.ts';
import { randomId, storeLogs, storeSpans } from '../../../../spans.ts';

const DETAILS = 'gen_ai.client.inference.operation.details';
const message = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });

t.test('a call of a model as a conversation: of attributes, an event, or a log record', async (t) => {
  const traceId = randomId(16);
  const [root, chat, byEvent, byLog, plain] = [
    randomId(8),
    randomId(8),
    randomId(8),
    randomId(8),
    randomId(8),
  ];
  const operation = { 'gen_ai.operation.name': 'chat' };
  const hostile = '<img src=x onerror=alert(1)> **bold**';
  const long = 'x'.repeat(100_000);
  const { page, origin, problems, violations } = await openPage(t, {
    path: false,
    async fill(store) {
      const below = { traceId, parentSpanId: root, kind: 3 };
      await storeSpans(store, [
        { traceId, spanId: root, name: 'POST /ask', kind: 2 },
        {
          ...below,
          spanId: chat,
          name: 'chat gpt-4',
          attributes: {
            ...operation,
            'gen_ai.request.model': 'gpt-4',
            'gen_ai.usage.input_tokens': 12,
            'gen_ai.usage.output_tokens': 34,
            'gen_ai.response.finish_reasons': ['stop'],
            'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'Be brief.' }]),
            'gen_ai.input.messages': JSON.stringify([message('user', hostile)]),
            'gen_ai.output.messages': '[{"role": "assis',
          },
        },
        {
          ...below,
          spanId: byEvent,
          name: 'chat event',
          attributes: operation,
          events: [
            {
              name: DETAILS,
              attributes: { 'gen_ai.output.messages': JSON.stringify([message('assistant', 'by event')]) },
            },
          ],
        },
        { ...below, spanId: byLog, name: 'chat log', attributes: operation },
        { ...below, spanId: plain, name: 'GET /weather' },
      ]);
      const log = { traceId, spanId: byLog, eventName: DETAILS, time: BigInt(Date.now()) * 1_000_000n };
      const messages = JSON.stringify([message('assistant', `by log ${long}`)]);
      await storeLogs(store, [{ ...log, attributes: { 'gen_ai.output.messages': messages } }]);
    },
  });
  const tab = page.getByRole('tab', { name: 'Conversation' });
  const panel = page.getByRole('tabpanel');
  const open = async (span: string) => {
    await page.goto(`${origin}/trace/${traceId}?span=${span}&tab=genai`);
    await page.locator('.span-row').first().waitFor();
  };

  await open(plain);
  await page.getByRole('tab', { name: 'Fields', selected: true }).waitFor();
  t.equal(await tab.count(), 0, 'another span has no such tab');
  await open(root);
  await panel.getByText('by event').waitFor();
  await panel.getByText('Be brief.').waitFor();

  await page.goto(`${origin}/trace/${traceId}?span=${chat}`);
  await page.getByRole('tab', { name: 'Fields' }).focus();
  await page.keyboard.press('ArrowRight');
  await panel.getByText('Be brief.').waitFor();
  const facts = panel.getByRole('button', { name: 'gpt-4 · 12' });
  t.equal(await facts.textContent(), 'gpt-4 · 12 tokens in · 34 out');
  await facts.click();
  const text = await shownText(panel);
  for (const part of [
    'gpt-4',
    '12',
    '34',
    'finish_reasons\nstop',
    'system',
    'user',
    hostile,
    '[{"role": "assis',
  ])
    t.match(text, part);
  t.equal(await panel.locator('img, b, strong').count(), 0, 'text is text');
  await eachLook(page, async ({ width }, look) => {
    t.same(await violations(), [], look);
    t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
  });

  await open(byEvent);
  await panel.getByText('by event').waitFor();
  await open(byLog);
  // A long text unfolds.
  await panel.getByRole('button', { name: 'by log' }).click();
  await panel.getByText(`by log ${long}`).waitFor();
  t.same(problems, []);
});

t.test('the calls of a trace are one conversation, whatever convention each was sent in', async (t) => {
  const traceId = randomId(16);
  const [root, first, second, unread] = [randomId(8), randomId(8), randomId(8), randomId(8)];
  const start = BigInt(Date.now()) * 1_000_000n;
  const at = (milliseconds: number) => ({ start: start + BigInt(milliseconds) * 1_000_000n, traceId });
  const { page, origin, problems } = await openPage(t, {
    path: false,
    async fill(store) {
      await storeSpans(store, [
        { ...at(0), spanId: root, name: 'POST /ask', kind: 2 },
        {
          ...at(10),
          spanId: first,
          parentSpanId: root,
          name: 'first call',
          kind: 3,
          attributes: { 'gen_ai.system': 'openai' },
        },
        {
          ...at(20),
          spanId: second,
          parentSpanId: root,
          name: 'second call',
          attributes: {
            'openinference.span.kind': 'LLM',
            'llm.input_messages.0.message.role': 'user',
            'llm.input_messages.0.message.content': 'Does it rain?',
            'llm.input_messages.1.message.role': 'user',
            'llm.input_messages.1.message.content': 'And tomorrow?',
          },
        },
        {
          ...at(30),
          spanId: unread,
          parentSpanId: root,
          name: 'third call',
          attributes: { 'langfuse.observation.model.name': 'm', 'langfuse.observation.input': 'Why?' },
        },
      ]);
      const body = JSON.stringify({ content: 'Does it rain?' });
      await storeLogs(store, [
        { ...at(11), time: start, spanId: first, eventName: 'gen_ai.user.message', body },
      ]);
    },
  });
  await page.goto(`${origin}/trace/${traceId}?span=${root}&tab=genai`);
  const items = page.getByRole('tabpanel').locator('.event-list > li');
  await items.first().waitFor();
  t.equal(await items.count(), 3);
  t.match(await shownText(items.nth(0)), /first call.*user\s+Does it rain\?/s);
  t.match(await shownText(items.nth(1)), /second call.*after 1 earlier message.*And tomorrow\?/s);
  t.notMatch(await shownText(items.nth(1)), 'Does it rain');
  t.match(await shownText(items.nth(2)), 'an unknown form: langfuse.observation.input');
  await items.getByRole('button', { name: 'second call' }).click();
  await page.getByRole('heading', { name: 'second call' }).waitFor();
  await items.getByText('third call').waitFor({ state: 'detached' });
  await items.first().waitFor();
  t.equal(await items.count(), 1);
  t.match(await shownText(items), /Does it rain\?.*And tomorrow\?/s);
  t.same(problems, []);
});
