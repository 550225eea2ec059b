// `npm run new-service -- NAME PORT`: a service with a route, a database and tests, which dev and compose run.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import { ROOT, readServices } from './services.ts';

const EXPLORER_PORTS = [4317, 4318, 4319];
/** HEALTH_PORT of all services in docker-compose.yml. */
const HEALTH_PORT = 9464;
/** Variables that dev and the services read, and that are no address of a service. */
const OTHER_URLS = ['FRONTEND_URL', 'BACKEND_URL', 'EXPLORER_URL', 'DATABASE_URL', 'TEST_DATABASE_URL'];

const [name = '', portText = ''] = process.argv.slice(2);
const port = Number(portText);
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || !Number.isInteger(port) || port < 1024 || port > 65535)
  refuse(
    'Usage: npm run new-service -- NAME PORT, such as billing 4570: a name of small letters, digits and -.',
  );
const folder = join(ROOT, 'services', name);
if (existsSync(folder)) refuse(`services/${name} exists.`);
const taken = readServices().find((service) => service.port === port);
if (taken) refuse(`${taken.name} has the port ${port}.`);

if (EXPLORER_PORTS.includes(port)) refuse(`The explorer has the port ${port}.`);
if (port === HEALTH_PORT) refuse(`Health checks have the port ${port} in docker-compose.yml.`);
const variable = `${name.toUpperCase().replaceAll('-', '_')}_URL`;
if (OTHER_URLS.includes(variable))
  refuse(`${variable}, with which other services would find ${name}, has another meaning already.`);
if (existsSync(join(ROOT, 'packages', name))) refuse(`packages/${name} has this name.`);

const composeFile = join(ROOT, 'docker-compose.yml');
const compose = parseDocument(readFileSync(composeFile, 'utf8'));
const places = [
  ['services', name],
  ['networks', name],
  ['volumes', `${name}-data`],
];
if (places.some((place) => compose.hasIn(place))) refuse(`docker-compose.yml has ${name} already.`);
const model = compose.getIn(['services', 'user-lookup']);
if (!isMap(model)) refuse('docker-compose.yml has no user-lookup to make the new service from.');
const own = model.clone() as typeof model;
own.delete('command'); // the demo data
own.setIn(['build', 'args', 'SERVICE'], name);
own.setIn(['environment', 'OTEL_SERVICE_NAME'], name);
own.setIn(['environment', 'PORT'], portText);
own.setIn(['environment', 'USER_LOOKUP_URL'], 'http://user-lookup:4568');
own.setIn(['volumes', 0], `${name}-data:/data`);
compose.setIn(['services', name], own);
compose.setIn(['volumes', `${name}-data`], null);

/** Names in the template → names of the service. */
const NAMES = [
  ['notes-service', name],
  ['4569', portText],
] as const;

const inNames = (text: string) => NAMES.reduce((whole, [from, to]) => whole.replaceAll(from, to), text);
cpSync(join(ROOT, 'scripts', 'new-service'), folder, { recursive: true });
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile()) writeFileSync(path, inNames(readFileSync(path, 'utf8')));
}

const style = { lineWidth: 0, singleQuote: true, flowCollectionPadding: false, nullStr: '' };
writeFileSync(composeFile, compose.toString(style));

process.stdout.write(`services/${name} is there, and in docker-compose.yml. Next:

  npm install
  npm test
  npm run dev        and then: curl http://localhost:${port}/api/notes/bayko
`);

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
