const h2 = require('http2');
const s = h2.createServer((q, r) => {
  r.end(q.url);
});
s.listen(0, () => {
  const c = h2.connect('http://127.0.0.1:' + s.address().port);
  const r = c.request({ ':path': '/x' });
  let b = '';
  r.setEncoding('utf8');
  r.on('response', (h) =>
    console.log(
      Object.keys(h)
        .filter((k) => !/date/.test(k))
        .join(),
    ),
  );
  r.on('data', (d) => (b += d));
  r.on('end', () => {
    console.log(b);
    c.close();
    s.close();
  });
  r.end();
});
