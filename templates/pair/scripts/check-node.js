// Loaded before a script, in plain JavaScript: an older Node cannot read the script's types, and would only say so.
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `This is Node ${process.versions.node}. The project needs Node 24 or newer, because it runs its TypeScript directly: https://nodejs.org\n`,
  );
  process.exit(1);
}
