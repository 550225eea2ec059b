// A proxy answers with what its backend answered, in each of the forms that proxies use.
const { up, wire, http } = require('./server.cjs');
(async () => {
  const [backend, at] = await up((q, r) => {
    r.setHeader('Set-Cookie', ['a=1', 'b=2']);
    r.setHeader('Date', 'now');
    r.setHeader('X-Case', q.url);
    r.end('y');
  });
  const ways = {
    pairs: (x, r) => r.writeHead(x.statusCode, x.rawHeaders),
    object: (x, r) => r.writeHead(x.statusCode, x.headers),
    each: (x, r) => {
      r.statusCode = x.statusCode;
      for (const [name, value] of Object.entries(x.headers)) r.setHeader(name, value);
    },
    distinct: (x, r) => r.writeHead(x.statusCode, x.statusMessage, x.headersDistinct),
  };
  for (const [name, way] of Object.entries(ways)) {
    const [s, port] = await up((q, r) => {
      http.get({ port: at, path: q.url, agent: false }, (x) => {
        way(x, r);
        x.pipe(r);
      });
    });
    console.log(name, JSON.stringify(await wire(port)));
    s.close();
  }
  backend.close();
})();
