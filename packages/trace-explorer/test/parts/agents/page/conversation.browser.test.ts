import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { openPage } from '../../../page/browser.ts';
import { eachLook, pageWidth } from '../../../page/looks.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { randomId, storeLogs, storeSpans } from '../../../spans.ts';

const said = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });
const json = JSON.stringify;

t.test(
  'the traces of one conversation are one view: who, text, tools, models, tokens and cost',
  async (t) => {
    const [first, second, other] = [randomId(16), randomId(16), randomId(16)];
    const start = BigInt(Date.now() - 120_000) * 1_000_000n;
    const at = (seconds: number) => ({
      start: start + BigInt(seconds * 1e9),
      durationMs: 500,
      service: 'agent',
    });
    const agent = randomId(8);
    const call = (usage: object, input: readonly object[], output: readonly object[]) => ({
      name: 'chat small',
      kind: 3,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'small',
        ...usage,
        'gen_ai.input.messages': json(input),
        'gen_ai.output.messages': json(output),
      },
    });
    const session = { 'session.id': 'walk-7' };
    const asked = said('user', 'Where is the key?');
    const answered = said('assistant', 'I look.');
    const tool = {
      role: 'assistant',
      parts: [{ type: 'tool_call', id: 'c1', name: 'search', arguments: { in: 'drawer' } }],
    };
    const result = { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'a key' }] };
    const tokens = (given: number, made: number) => ({
      'gen_ai.usage.input_tokens': given,
      'gen_ai.usage.output_tokens': made,
      'gen_ai.usage.cost': 0.25,
    });
    const { page, origin, problems, violations } = await openPage(t, {
      path: false,
      fill: (store) =>
        storeSpans(store, [
          {
            ...at(0),
            traceId: first,
            spanId: agent,
            name: 'invoke_agent',
            durationMs: 5000,
            attributes: { ...session, 'gen_ai.operation.name': 'invoke_agent', ...tokens(1000, 1000) },
          },
          { ...at(1), traceId: first, parentSpanId: agent, ...call(tokens(10, 3), [asked], [answered]) },
          {
            ...at(2),
            traceId: first,
            parentSpanId: agent,
            ...call(tokens(14, 5), [asked, answered], [tool]),
          },
          {
            ...at(60),
            traceId: second,
            resource: session,
            ...call(tokens(30, 7), [asked, answered, tool, result], [said('assistant', 'In the drawer.')]),
          },
          {
            ...at(62),
            traceId: second,
            resource: session,
            ...call({}, [said('user', 'And now?')], []),
            status: 2,
            statusMessage: 'overloaded',
          },
          { ...at(61), traceId: other, ...call(tokens(500, 500), [said('user', 'Another question')], []) },
        ]),
    });
    await page.goto(`${origin}/trace/${first}`);
    await page.getByRole('link', { name: 'Conversation' }).click();
    await page.waitForURL((url) => url.pathname === `/conversation/${first}`);
    await page.getByText('In the drawer.').waitFor();
    const text = await shownText(page.locator('.conversation'));
    t.match(text, /Traces\s+2/);
    t.match(
      text,
      /Tokens in\s+54\s+Tokens out\s+15\s+Cost\s+\$0\.750/,
      'what an agent adds up is not counted twice',
    );
    t.match(text, /joined by\s+session\.id\s+=\s+walk-7/);
    t.notMatch(text, 'Another question');
    t.equal(text.split('Where is the key?').length, 2, 'no message twice');
    t.match(text, /ms · 10 tokens in · 3 out · \$0\.250/, 'whose model the head names');
    await page.getByRole('button', { name: 'chat small failed: overloaded' }).click();
    t.match(
      await shownText(page.locator('li:focus')),
      /failed[\s\S]*And now\?/,
      'a failure leads to its call',
    );
    const search = page.getByRole('button', { name: /calls search/ });
    await search.focus();
    await page.keyboard.press('Enter');
    t.equal(await search.getAttribute('aria-expanded'), 'true');
    await page.getByText('"in": "drawer"').waitFor();
    await eachLook(page, async ({ width }, look) => {
      t.same(await violations(), [], look);
      t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
    });
    await page.goto(`${origin}/conversation/${second}`);
    await page.getByText('Where is the key?').waitFor();
    t.same(problems, []);
  },
);

t.test('a trace without a model says so', async (t) => {
  const traceId = randomId(16);
  const { page, problems } = await openPage(t, {
    path: `/conversation/${traceId}`,
    fill: (store) => storeSpans(store, [{ traceId, name: 'GET /', kind: 2 }]),
  });
  await page.getByText('No model was called').waitFor();
  t.same(problems, []);
});

if (IS_NIGHT)
  t.test('607 spans in 22 traces are one conversation, in which each call is told once', async (t) => {
    const traceIds = Array.from({ length: 22 }, () => randomId(16));
    const start = BigInt(Date.now() - 600_000) * 1_000_000n;
    const asked = Array.from({ length: 607 }, (_, nth) => said('user', `Question ${nth}?`));
    const spans = asked.map((_question, nth) => ({
      traceId: traceIds[nth % 22] ?? '',
      spanId: randomId(8),
      name: 'chat small',
      kind: 3,
      start: start + BigInt(nth) * 500_000_000n,
      durationMs: 100,
      service: 'agent',
      attributes: {
        'gen_ai.conversation.id': 'one turn',
        'gen_ai.operation.name': 'chat',
        // Each call repeats what was asked before.
        'gen_ai.input.messages': json(asked.slice(Math.max(0, nth - 5), nth + 1)),
        'gen_ai.output.messages': json([said('assistant', `Answer ${nth}.`)]),
      },
    }));
    const { page, problems } = await openPage(t, {
      path: `/conversation/${traceIds[7]}`,
      async fill(store) {
        await storeSpans(store, spans);
        await storeSpans(store, spans.slice(0, 50)); // which a sender repeats
      },
    });
    await page.getByText('Answer 606.').waitFor();
    const text = await shownText(page.locator('.conversation'));
    t.match(text, /Calls\s+607\s+Traces\s+22\s/);
    t.equal(await page.locator('.turn-head').count(), 607);
    for (const each of ['Question 0?', 'Question 300?', 'Answer 0.', 'Answer 606.'])
      t.equal(text.split(each).length, 2, `${each} once`);
    t.equal(await page.locator('.notice').count(), 0);
    t.same(problems, []);
  });

if (IS_NIGHT)
  t.test('a conversation of more than 32 MiB is read up to there, and the rest is counted', async (t) => {
    const traceIds = [randomId(16), randomId(16), randomId(16)] as const;
    const call = (traceId: string, text: string) => ({
      traceId,
      name: 'chat small',
      kind: 3,
      attributes: {
        'session.id': 'long',
        'gen_ai.operation.name': 'chat',
        'gen_ai.input.messages': json([said('user', text)]),
      },
    });
    const long = 'x'.repeat(3.4 * 1024 ** 2);
    const { page, origin, problems } = await openPage(t, {
      path: false,
      async fill(store) {
        await storeSpans(store, [call(traceIds[0], 'A short question')]);
        for (let nth = 0; nth < 10; nth++) await storeSpans(store, [call(traceIds[1], `${nth} ${long}`)]);
        await storeSpans(store, [call(traceIds[2], 'Another short question')]);
      },
    });
    await page.goto(`${origin}/conversation/${traceIds[0]}`);
    await page.getByText('A short question').waitFor();
    await page.getByText('missing: they are too many, or too large').waitFor();
    await page.goto(`${origin}/conversation/${traceIds[1]}`);
    await page.getByText('The trace has more than 32 MiB').waitFor();
    t.same(problems, []);
  });

t.test(
  'what only log records tell: its error is a cause that leads here, and its commands are a guess',
  async (t) => {
    const end = BigInt(Date.now() - 60_000) * 1_000_000n;
    const run = { 'tandem.run.id': randomId(8) };
    const session = { 'conversation.id': randomId(8) };
    const event = (name: string, more: object) => ({
      time: end,
      service: 'codex_cli_rs',
      resource: run,
      attributes: { 'event.name': `codex.${name}`, ...session, ...more },
    });
    const records = [
      event('api_request', {
        attempt: '1',
        'http.response.status_code': '500',
        'error.message': 'no answer',
      }),
      event('tool_result', { tool_name: 'shell', success: 'true', duration_ms: '4000' }),
    ];
    const { page, store, problems, violations } = await openPage(t, {
      path: '/',
      fill: (store) => storeLogs(store, records),
    });
    await page.getByRole('heading', { name: 'What is wrong' }).waitFor();
    const cause = page.locator('.cause-link');
    t.match(await shownText(page.locator('.cause-row')), /500: no answer.*1 conversation\s+of 1/s);
    t.same(await violations(), []);
    await cause.click();
    await page.getByRole('link', { name: 'The newest conversation with it' }).click();
    await page.getByText('shell').first().waitFor();
    t.match(await shownText(page.locator('.conversation')), /failed.*attempt 2.*500 no answer/s);
    t.equal(await page.getByText('is a guess').count(), 0, 'nothing else ran');
    const started = { service: 'app', resource: run, kind: 2, durationMs: 5 };
    await storeSpans(store, [
      { ...started, traceId: randomId(16), name: 'GET /meanwhile', start: end - 2_000_000_000n },
      { ...started, traceId: randomId(16), name: 'GET /before', start: end - 9_000_000_000n },
    ]);
    await page.keyboard.press('r');
    const guess = page.locator('li', { hasText: 'That it caused them is a guess' });
    t.match(await shownText(guess), /shell.*Began meanwhile, in the same run\..*GET \/meanwhile of app/s);
    t.equal(await page.getByText('GET /before').count(), 0);
    await guess.getByRole('link', { name: 'GET /meanwhile of app' }).click();
    await page.locator('.span-row', { hasText: 'GET /meanwhile' }).waitFor();
    t.same(problems, []);
  },
);
