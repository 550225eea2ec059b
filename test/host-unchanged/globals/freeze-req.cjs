const { get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => {
    Object.freeze(q);
    Object.preventExtensions(r);
    Object.seal(q.headers);
    console.log(Object.isFrozen(q));
    r.end('f');
  });
  console.log((await get(port)).s);
  s.close();
})();
