import t from 'tap';
import { createResource } from '../../../src/road/spans/resource.ts';

t.test('the resource says where the paths of lines of code begin, where spans have lines', async (t) => {
  const of = (codeLocations: string | undefined) => {
    const { attributes } = createResource({
      service: { name: 'shop', version: undefined },
      environmentName: 'test',
      resourceAttributes: {},
      redactAttributes: [],
      codeLocations,
    });
    return attributes['tandem.code.folder'];
  };
  t.equal(of('/app'), '/app');
  t.equal(of(undefined), undefined);
});
