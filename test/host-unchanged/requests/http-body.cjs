const { http, get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => {
    let n = 0;
    q.on('data', (c) => (n += c.length));
    q.on('end', () => r.end(String(n)));
  });
  console.log((await get(port, '/', { method: 'POST', body: 'x'.repeat(300000) })).b);
  console.log(
    await fetch('http://127.0.0.1:' + port, {
      method: 'POST',
      body: new ReadableStream({
        start(c) {
          c.enqueue(new Uint8Array(70000));
          c.close();
        },
      }),
      duplex: 'half',
    }).then((r) => r.text()),
  );
  s.close();
})();
