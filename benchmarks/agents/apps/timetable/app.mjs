import { createServer } from 'node:http';

const stations = new Set(['north', 'south']);
const ask = async (path) => (await fetch(`${process.env.PARTNER_URL}/${path}`)).json();

/** The next train and the weather there, both asked at once. */
async function boardOf(station) {
  const [train, weather] = await Promise.all([ask(`trains/${station}?ms=60`), ask('weather?ms=40')]);
  return { station, train, weather };
}

const server = createServer(async (request, response) => {
  const [, kind, station] = new URL(request.url, 'http://localhost').pathname.split('/');
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (kind === 'boards' && stations.has(station)) return send(200, await boardOf(station));
  // Stays open until a train leaves.
  if (kind === 'departures') return send(200, await ask('departures?ms=800'));
  send(404, { error: 'No such station' });
});

server.listen(process.env.PORT, () => console.log('Timetable is up'));
