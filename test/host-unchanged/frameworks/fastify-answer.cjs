const fastify = require('fastify');
const app = fastify();
app.get('/api/a', async (q, r) => ({ before: Object.keys(r.getHeaders()) }));
app.post('/api/b', async () => {
  throw new Error('thrown');
});
app.setErrorHandler((e, q, r) => {
  console.log(e.stack);
  r.code(500).send({ headers: Object.keys(r.getHeaders()) });
});
app.listen({ port: 0, host: '127.0.0.1' }).then(async () => {
  const s = app.server;
  const ask = async (path, body) => {
    const answer = await fetch(`http://127.0.0.1:${s.address().port}${path}`, {
      ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
    });
    console.log(path, answer.status, [...answer.headers.keys()].join(), await answer.text());
  };
  await ask('/api/a');
  await ask('/api/b', '{"a":1}');
  await ask('/api/none');
  const { headers } = await app.inject('/api/a');
  console.log(Object.keys(headers).join());
  await app.close();
});
