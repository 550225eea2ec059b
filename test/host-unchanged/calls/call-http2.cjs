// What a caller of HTTP/2 hears of its streams, in its order.
const http2 = require('node:http2');
const s = http2.createServer().on('stream', (st, h) => {
  st.on('error', () => {});
  if (h[':path'] === '/none') return st.respond({ ':status': 204 }, { endStream: true });
  st.respond({ ':status': 200 });
  if (h[':path'] === '/broken') st.write('x', () => setImmediate(() => st.destroy(new Error('broken'))));
  else st.end('ok');
});
s.listen(0, '127.0.0.1', async () => {
  const c = http2.connect(`http://127.0.0.1:${s.address().port}`);
  for (const path of ['/ok', '/none', '/broken'])
    await new Promise((done) => {
      const r = c.request({ ':path': path });
      for (const e of ['response', 'end', 'aborted', 'error', 'close'])
        r.on(e, (x) => console.log(path, e, x instanceof Error ? x.message : '', r.rstCode));
      r.on('data', (d) => console.log(path, String(d))).on('close', done);
    });
  c.close();
  s.close();
});
