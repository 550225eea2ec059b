/** Ends the process where its output can go nowhere: at once when its reader, `head` for one, has seen enough. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`Standard output cannot be written: ${error.message}\n`);
    process.exit(1);
  });
}
