const { http, get, up } = require('./server.cjs');
const NP = Promise;
globalThis.Promise = class MyP extends NP {
  constructor(f) {
    super(f);
    MyP.n = (MyP.n || 0) + 1;
  }
};
(async () => {
  const [s, port] = await up((q, r) => r.end('z'));
  console.log((await get(port)).b);
  console.log(await fetch('http://127.0.0.1:' + port).then((r) => r.text()));
  s.close();
  console.log(Promise.n);
})();
