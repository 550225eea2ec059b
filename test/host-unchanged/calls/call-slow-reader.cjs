// A reader that takes its time, over a body that has arrived long ago.
const { http, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => r.end(Buffer.alloc(200_000, 'x')));
  http.get({ port, agent: false }, async (x) => {
    let bytes = 0;
    for await (const chunk of x) {
      bytes += chunk.length;
      await new Promise((done) => setTimeout(done, 30));
    }
    console.log(bytes, x.complete);
    s.close();
  });
})();
