const vm = require('vm');
const c = vm.createContext({ console, out: [] });
vm.runInContext(
  'Error.prepareStackTrace=()=>"VM";out.push(new Error("x").stack);Promise.resolve(1).then(x=>out.push(x));out.push([]instanceof Array, typeof process)',
  c,
);
setTimeout(() => console.log(c.out, [] instanceof vm.runInContext('Array', c)), 5);
try {
  vm.runInNewContext('for(;;);', {}, { timeout: 20 });
} catch (e) {
  console.log(e.code);
}
console.log(vm.runInNewContext('this.constructor.name'));
const s = new vm.Script('a+1', { filename: 'q.js' });
try {
  s.runInNewContext({});
} catch (e) {
  console.log(e.stack.split('\n')[0], e.name);
}
