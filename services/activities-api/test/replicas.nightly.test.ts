import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { databaseVariants } from '@tandem/service-kit/testing';
import t from 'tap';
import { openUsersDatabase } from '../../user-lookup/src/database.ts';
import { openActivitiesDatabase } from '../src/database.ts';

const services = join(import.meta.dirname, '../..');

/** Opens, migrates and seeds a service's database in a process of its own. */
const PREPARE = (service: 'activities-api' | 'user-lookup', location: unknown) =>
  service === 'user-lookup'
    ? `const { openUsersDatabase } = await import('${services}/user-lookup/src/database.ts');
       const { seedUsers } = await import('${services}/user-lookup/src/seed.ts');
       const database = await openUsersDatabase(${JSON.stringify(location)});
       await seedUsers(database.db); await database.close();`
    : `const { openActivitiesDatabase } = await import('${services}/activities-api/src/database.ts');
       const { seedActivities } = await import('${services}/activities-api/src/seed.ts');
       const database = await openActivitiesDatabase(${JSON.stringify(location)});
       await seedActivities(database.db, new Date()); await database.close();`;

async function run(code: string): Promise<{ exit: number | null; output: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const [exit] = await once(child, 'close');
  return { exit, output };
}

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  t.test(`${variant.name}: replicas of both services that start together share one database`, async (t) => {
    const { location, remove } = await variant.create();
    t.teardown(remove);
    const replicas = (['activities-api', 'user-lookup'] as const).flatMap((service) => [service, service]);
    const results = await Promise.all(replicas.map((service) => run(PREPARE(service, location))));
    for (const { exit, output } of results) t.equal(exit, 0, output);

    const activities = await openActivitiesDatabase(location);
    const users = await openUsersDatabase(location);
    t.teardown(() => Promise.all([activities.close(), users.close()]));
    const roots = await activities.db
      .selectFrom('activities')
      .select('uuid')
      .where('reply_to_activity_uuid', 'is', null)
      .execute();
    t.equal(roots.length, 60, 'activities are there once');
    t.equal(
      (await users.db.selectFrom('users').select('handle').execute()).length,
      14,
      'users are there once',
    );
  });
}
