const { get, up } = require('./server.cjs');
const domain = require('domain');
(async () => {
  const d = domain.create();
  d.on('error', (e) => console.log('domain', e.message, e.domain === d));
  d.run(() => {
    setTimeout(() => {
      throw new Error('in timer');
    }, 1);
    process.nextTick(() => {
      throw new Error('in tick');
    });
    Promise.resolve().then(() => console.log('dom', process.domain === d));
  });
  const [s, port] = await up((q, r) => {
    const e = domain.create();
    e.add(q);
    e.add(r);
    e.on('error', (x) => {
      r.statusCode = 500;
      r.end(x.message);
    });
    e.run(() =>
      setTimeout(() => {
        throw new Error('boom');
      }, 1),
    );
  });
  const x = await get(port);
  console.log(x.s, x.b);
  s.close();
})();
