console.log(
  require.main === module,
  module.children.length,
  Object.keys(require.cache).length,
  process.argv.length,
  module.paths.length > 0,
  __filename.length > 0,
  process.execArgv.filter((x) => !/register|import/.test(x)).length,
  typeof require.extensions['.js'],
);
const M = require('module');
const o = M._load;
let n = 0;
M._load = function (...a) {
  n++;
  return o.apply(this, a);
};
require('fs');
require('path');
M._load = o;
console.log(n);
const c = M.prototype._compile;
M.prototype._compile = function (...a) {
  console.log('compile');
  return c.apply(this, a);
};
require('fs').writeFileSync(__dirname + '/tmpmod.js', 'module.exports=1');
console.log(require('./tmpmod.js'));
