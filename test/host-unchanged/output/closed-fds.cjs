try {
  console.log('x');
} catch (e) {
  require('fs').writeSync(1, e.code);
}
