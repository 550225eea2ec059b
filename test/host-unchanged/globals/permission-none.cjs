console.log('hi');
try {
  require('fs').readFileSync('/etc/hostname');
} catch (e) {
  console.log(e.code);
}
