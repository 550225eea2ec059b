const w = process.stdout.write;
let s = '';
process.stdout.write = function (x) {
  s += x;
  return true;
};
console.log('hid');
process.stdout.write = w;
console.log('seen', JSON.stringify(s));
process.stderr.write = null;
try {
  console.error('x');
} catch (e) {
  console.log(e.constructor.name);
}
console.log('end');
