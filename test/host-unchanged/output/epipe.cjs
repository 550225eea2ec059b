process.stdout.on('error', (e) => {
  process.stderr.write(e.code + '\n');
  process.exit(4);
});
const t = setInterval(() => process.stdout.write('y'.repeat(10000) + '\n'), 1);
setTimeout(() => process.exit(9), 4000);
