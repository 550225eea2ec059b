import t from 'tap';
import { temporaryExplorer } from './explorer.ts';

t.test('the explorer is ready while its store answers', async (t) => {
  const { get, store } = await temporaryExplorer(t);
  t.match(await get('/health/ready'), { status: 200, body: { status: 'ok' } });
  await store.close();
  t.match(await get('/health/ready'), { status: 503, type: /problem\+json/, body: { code: 'NOT_READY' } });
  t.match(await get('/health/live'), { status: 200 });
});
