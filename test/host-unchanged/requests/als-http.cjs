const { get, up } = require('./server.cjs');
const { AsyncLocalStorage } = require('async_hooks');
const als = new AsyncLocalStorage();
(async () => {
  const [s, port] = await up((q, r) =>
    als.run(q.url, async () => {
      await new Promise((d) => setTimeout(d, 5));
      q.resume();
      q.on('end', () => r.end(als.getStore() + '|'));
    }),
  );
  const out = await Promise.all(
    ['/a', '/b', '/c'].map((u) =>
      als.run('client' + u, () => get(port, u).then((x) => x.b + als.getStore())),
    ),
  );
  console.log(out, als.getStore());
  s.close();
})();
