const { http, get, up } = require('./server.cjs');
for (const k of Object.getOwnPropertyNames(globalThis)) {
  const v = globalThis[k];
  if (typeof v === 'function') {
    try {
      Object.freeze(v);
      v.prototype && Object.freeze(v.prototype);
    } catch {}
  }
}
Object.freeze(require('http'));
Object.freeze(require('events').prototype);
Object.freeze(console);
(async () => {
  const [s, port] = await up((q, r) => r.end('z'));
  console.log((await get(port)).b, await fetch('http://127.0.0.1:' + port).then((r) => r.text()));
  s.close();
})();
