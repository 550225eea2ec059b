console.trace('here');
console.log(new Error('st').stack.split('\n').length);
function f() {
  console.error(new Error('in f'));
}
f();
