import express from 'express';
import { postsOf, prepare } from './posts.mjs';

await prepare();
const app = express();

app.get('/feeds/:name', async (request, response) => {
  const posts = await postsOf(request.params.name);
  if (posts.length === 0) return response.status(404).json({ error: 'No such feed' });
  response.json(posts);
});

app.get('/feeds/:name/summary', async (_request, response) => {
  // A model writes it, word by word.
  const summary = await fetch(`${process.env.PARTNER_URL}/summary?ms=500`);
  response.json(await summary.json());
});

app.use((error, _request, response, _next) => {
  console.error(error);
  response.status(500).json({ error: 'Something went wrong' });
});

app.listen(process.env.PORT, () => console.log('Feed is up'));
