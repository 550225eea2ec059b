const { get, up } = require('./server.cjs');
JSON.stringify = () => {
  throw new Error('js');
};
JSON.parse = () => {
  throw new Error('jp');
};
(async () => {
  const [s, port] = await up((q, r) => {
    console.error('e');
    r.end('z');
  });
  console.log((await get(port)).b);
  s.close();
})();
