import t from 'tap';
import { serviceColor } from '../../src/page/service-color.ts';

t.test('the services of this workspace, the browser and a database have four colours', (t) => {
  const names = ['activities-api', 'user-lookup', 'web', 'postgresql'];
  t.equal(new Set(names.map(serviceColor)).size, 4);
  t.equal(serviceColor('activities-api'), '#0072b2', 'the same in every version');
  t.end();
});

t.test('names spread over all colours', (t) => {
  const colors = new Set(Array.from({ length: 100 }, (_, i) => serviceColor(`service-${i}`)));
  t.equal(colors.size, 7);
  t.end();
});
