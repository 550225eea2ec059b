process.stdout.write('x'.repeat(1 << 20) + '\n');
process.exit(3);
