const { get, up } = require('./server.cjs');
const fs = require('fs'),
  path = require('path');
const f = path.join(__dirname, 'lie.js');
fs.writeFileSync(
  f,
  'exports.f=function f(){console.error("in f");throw new Error("lie")}\n//# sourceMappingURL=data:application/json;base64,' +
    Buffer.from(
      JSON.stringify({
        version: 3,
        sources: ['../../../../etc/passwd\u0000\u001b[2J'],
        mappings: 'AAAA'.repeat(200000),
        names: [],
      }),
    ).toString('base64'),
);
const { f: g } = require(f);
(async () => {
  const [s, port] = await up((q, r) => {
    try {
      g();
    } catch (e) {
      console.log(e.message);
      r.end('x');
    }
  });
  console.log((await get(port)).b);
  s.close();
})();
