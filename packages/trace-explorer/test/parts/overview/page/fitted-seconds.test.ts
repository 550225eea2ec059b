import t from 'tap';
import { fittedSeconds } from '../../../../src/parts/overview/page/overview-places.ts';

const NOW = 1_700_000_000;

t.test(
  'charts fit the data of a store that is younger than an hour, and show an hour of any other',
  async (t) => {
    const fitted = (age: number) => fittedSeconds({ oldest: NOW - age, end_time: NOW });
    t.equal(fitted(0), 60);
    t.equal(fitted(59), 120, 'with room for the time until the charts are read');
    t.equal(fitted(500), 600);
    t.equal(fitted(1900), 3600);
    t.equal(fitted(90_000), 3600);
    t.equal(fitted(-20), 3600, 'spans of a time to come');
    t.equal(fittedSeconds({ end_time: NOW }), 3600, 'an empty store');
  },
);
