// Error pages and stderr of Express: a body that cannot be parsed, and what a handler throws.
const express = require(process.env.FRAMEWORK);
const app = express();
app.use(express.json());
app.post('/api/a', (q, r) => r.json({}));
app.post('/api/d', (q, r) => {
  throw new Error('after a body');
});
app.get('/api/b', (q, r) => {
  throw new Error('thrown');
});
app.get('/api/e', (q, r, next) => setTimeout(() => next(new Error('later')), 1));
const s = app.listen(0, '127.0.0.1', async () => {
  const ask = async (path, body) => {
    const answer = await fetch(`http://127.0.0.1:${s.address().port}${path}`, {
      ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
    });
    console.log(path, answer.status, [...answer.headers.keys()].join(), await answer.text());
  };
  await ask('/api/a', '{"a"');
  await ask('/api/a', '{}');
  await ask('/api/b');
  await ask('/api/d', '{}');
  await ask('/api/e');
  await ask('/api/none');
  process.exit(0);
});
