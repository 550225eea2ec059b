// Loaded into each Node process of a command that `run` starts, whatever its version. Plain JavaScript, because an older
// Node reads no types. A process that cannot be traced runs untraced, and `run` says why.
import { appendFileSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isOld = major < 22 || (major === 22 && minor < 15);

try {
  if (isOld) throw new Error(`Node ${process.versions.node} is older than 22.15`);
  await import('./watch.ts');
} catch ({ message }) {
  const line = { pid: process.pid, file: process.argv[1] ?? '', use: 'untraced', name: message };
  try {
    appendFileSync(process.env.TANDEM_RUN_USES, `${JSON.stringify(line)}\n`);
  } catch {}
}
