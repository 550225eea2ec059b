// Asks each of these functions in a request of its own, twice where the first one makes connections, and writes the answers.
import { createServer } from 'node:http';

export async function serve({ ways, end }) {
  process.on('unhandledRejection', (error) => process.stdout.write(`unhandled ${error}\n`));
  const server = createServer(async ({ url }, response) => {
    try {
      response.end(String(await ways[decodeURIComponent(url.slice(1))]()));
    } catch (error) {
      response.end(`threw ${error.stack}`);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const name of Object.keys(ways)) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/${encodeURIComponent(name)}`);
    process.stdout.write(`${name} => ${await answer.text()}\n`);
  }
  await end();
  server.closeAllConnections();
  server.close();
}
