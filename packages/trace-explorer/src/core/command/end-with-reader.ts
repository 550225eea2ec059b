/** Ends the process when nobody reads its output any more, for example after `head` has read its lines. */
export function endWithReader(exitCode = 0): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCode);
    process.stderr.write(`Standard output cannot be written: ${error.message}\n`);
    process.exit(1);
  });
}
