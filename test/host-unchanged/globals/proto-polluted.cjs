const { http, get, up } = require('./server.cjs');
Object.prototype.polluted = 1;
Object.prototype.url = 'evil';
Object.prototype.headers = {};
Array.prototype.extra = function () {};
(async () => {
  const [s, port] = await up((q, r) => r.end('z'));
  console.log((await get(port)).b);
  console.log(
    await fetch('http://127.0.0.1:' + port)
      .then((r) => r.text())
      .catch((e) => e.message),
  );
  s.close();
})();
