import express from 'express';
import { onlineNow, redis, start } from './online.mjs';

await start();
const app = express();

app.get('/online', async (_request, response) => {
  response.json(await onlineNow());
});

app.get('/sessions/:id', async (request, response) => {
  const session = await redis.get(`session:${request.params.id}`);
  if (session === null) return response.status(404).json({ error: 'The session is over' });
  response.json({ session });
});

app.post('/sessions/:id/end', async (_request, response) => {
  response.status(202).json({});
  // After the answer, and nobody waits for it.
  await fetch(`${process.env.PARTNER_URL}/statistics?ms=400`, { method: 'POST' });
});

app.listen(process.env.PORT, () => console.log('Sessions are up'));
