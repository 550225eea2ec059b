import t from 'tap';
import { FieldCatalogue, MAX_PAIRS } from '../../src/store/field-catalogue.ts';

const FIELDS = 40;

t.test(
  'services without end do not fill the memory with their fields; those that are gone make room',
  (t) => {
    const catalogue = new FieldCatalogue(100, 100);
    const touch = (service: number) => {
      for (let field = 0; field < FIELDS; field++)
        catalogue.touchDataset(`s${service}`, `f${field}`, service);
    };
    const pairs = () => [...catalogue.datasetFields.values()].reduce((sum, { size }) => sum + size, 0);
    for (let service = 0; service < 100; service++) touch(service);
    t.ok(catalogue.knowsDatasets);
    for (let service = 100; service < 10_000; service++) touch(service);
    t.equal(pairs(), MAX_PAIRS);
    t.notOk(catalogue.knowsDatasets, 'so that nobody takes what is missing for absent');
    touch(7);
    t.equal(pairs(), MAX_PAIRS, 'one that is known is not counted again');
    catalogue.forgetDatasets((name) => name.length < 4);
    t.equal(pairs(), 100 * FIELDS);
    t.ok(catalogue.knowsDatasets);
    touch(20_000);
    t.equal(catalogue.datasetFields.get('s20000')?.size, FIELDS);
    t.end();
  },
);
