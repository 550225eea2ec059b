import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { callKey, problemId } from '../../../../src/core/problems/problem-key.ts';
import type { Cause } from '../../../../src/core/problems/schemas.ts';
import { HiddenCauses } from '../../../../src/parts/causes/server/hidden-causes.ts';

function causeNamed(name: string): Cause {
  const id = problemId(callKey('repeated-call', { service: 'shop', name, kind: 'client' }));
  return { id, traces: 1, of: 10, versions: [] as string[] } as Cause;
}
const [one, other] = [causeNamed('SELECT a'), causeNamed('SELECT b')];
const isHidden = async (known: HiddenCauses, cause: Cause) => (await known.mark([cause]))[0]?.hidden;

for (const [what, content] of [
  ['is cut off', '{"a": {"share": 0.1, "ver'],
  ['is a list', '[]'],
  ['is larger than what is read', ' '.repeat(300 * 1024)],
] as const)
  t.test(`a list of hidden causes that ${what} hides nothing and stays as it is`, async (t) => {
    const folder = t.testdir({ 'known-causes.json': content });
    const path = join(folder, 'known-causes.json');
    const known = new HiddenCauses(folder);
    t.equal(await isHidden(known, one), undefined);
    await t.rejects(known.hide(one), { code: 'KNOWN_NOT_READABLE', message: /Mend the file/ });
    await t.rejects(known.show(one.id), { code: 'KNOWN_NOT_READABLE' });
    t.equal(readFileSync(path, 'utf8'), content);
    rmSync(path);
    await known.hide(one);
    t.equal(await isHidden(known, one), true, 'once the file is mended, without a restart');
    t.equal(await isHidden(new HiddenCauses(folder), one), true);
  });

t.test('a hidden cause is hidden after a restart, and shown again', async (t) => {
  const folder = t.testdir({});
  await new HiddenCauses(folder).hide(one);
  const known = new HiddenCauses(folder);
  t.equal(await isHidden(known, one), true);
  t.equal(await isHidden(known, other), undefined);
  await known.show(one.id);
  t.equal(await isHidden(new HiddenCauses(folder), one), undefined);
});
