const jsonServer = require('json-server');
const app = jsonServer.create();
app.use(jsonServer.bodyParser);
app.use(jsonServer.router({ posts: [{ id: 1 }] }));
const s = app.listen(0, '127.0.0.1', async () => {
  const ask = async (path, body) => {
    const answer = await fetch(`http://127.0.0.1:${s.address().port}${path}`, {
      ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
    });
    console.log(path, answer.status, [...answer.headers.keys()].join(), await answer.text());
  };
  await ask('/posts/1');
  await ask('/posts', '{"id"');
  process.exit(0);
});
