const { get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => {
    r.setHeader('X-A', '1');
    r.setHeader('set-cookie', ['a=1', 'b=2']);
    r.end(JSON.stringify(q.rawHeaders));
  }, {});
  const x = await get(port, '/p?q=1', { headers: { 'X-Req': '1' } });
  console.log(
    x.s,
    x.raw
      .filter((_, i) => i % 2 === 0)
      .filter((h) => h !== 'Date')
      .join(),
  );
  console.log(x.b.replace(/\d{4,5}/g, 'P'));
  s.close();
})();
