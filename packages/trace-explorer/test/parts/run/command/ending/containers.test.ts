import t from 'tap';
import { startsContainers } from '../../../../../src/parts/run/command/ending/containers.ts';

t.test('what starts containers is known by its words', async (t) => {
  for (const command of [
    'docker compose up',
    'docker-compose up -d',
    '/usr/bin/podman run a',
    'python3 /bin/podman-compose up',
  ])
    t.ok(startsContainers(command.split(' ')), command);
  for (const command of ['docker build .', 'docker ps', 'node docker.js up', 'npm run docker', 'node run'])
    t.notOk(startsContainers(command.split(' ')), command);
});
