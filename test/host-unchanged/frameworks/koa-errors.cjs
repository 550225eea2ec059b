const Koa = require(process.env.FRAMEWORK);
const app = new Koa();
app.use(async (ctx, next) => {
  await next();
  ctx.set('X-After', ctx.response.get('traceresponse') || '-');
});
app.use(async (ctx) => {
  let body = '';
  for await (const piece of ctx.req) body += piece;
  if (ctx.path === '/api/b') throw new Error('thrown');
  if (ctx.path === '/api/c') ctx.throw(418, 'refused');
  ctx.body = { body };
});
app.on('error', (e) => console.error(e.stack));
const s = app.listen(0, '127.0.0.1', async () => {
  const ask = async (path, body) => {
    const answer = await fetch(`http://127.0.0.1:${s.address().port}${path}`, {
      ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
    });
    console.log(path, answer.status, [...answer.headers.keys()].join(), await answer.text());
  };
  await ask('/api/a', '{}');
  await ask('/api/b', '{}');
  await ask('/api/c');
  process.exit(0);
});
