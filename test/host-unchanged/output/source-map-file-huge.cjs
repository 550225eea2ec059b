const { get, up } = require('./server.cjs');
const fs = require('fs'),
  path = require('path');
const f = path.join(__dirname, 'big.js');
fs.writeFileSync(f, 'exports.f=function f(){throw new Error("big")}\n//# sourceMappingURL=big.js.map');
fs.writeFileSync(
  f + '.map',
  '{"version":3,"sources":["' + 'a'.repeat(60e6) + '"],"mappings":"AAAA","names":[]}',
);
const { f: g } = require(f);
(async () => {
  const [s, port] = await up((q, r) => {
    try {
      g();
    } catch (e) {
      console.error(e.message);
      r.statusCode = 500;
      r.end('x');
    }
  });
  console.log((await get(port)).b);
  s.close();
})();
