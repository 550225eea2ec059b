const { get, up } = require('./server.cjs');
Object.defineProperty(Error, 'prepareStackTrace', {
  get() {
    return undefined;
  },
  set(v) {
    throw new Error('set!');
  },
  configurable: true,
});
(async () => {
  const [s, port] = await up((q, r) => {
    console.error('line');
    r.end('ok');
  });
  console.log((await get(port)).b);
  s.close();
})();
