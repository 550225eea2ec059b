import t from 'tap';
import { bar } from '../../src/cli/bar.ts';
import { chooseColours } from '../../src/cli/colours.ts';
import { columnsOf, fit, harmless } from '../../src/cli/terminal-text.ts';

t.test('bars lie where the span was, and the shortest can be seen', async (t) => {
  t.equal(bar(0, 100, 100, 10), '██████████');
  t.equal(bar(50, 25, 100, 10), '     ██▌');
  t.equal(bar(50, 0, 100, 10), '     ▏');
  t.equal(bar(100, 0, 100, 10), '         ▏');
  t.equal(bar(-20, 30, 100, 10), '█', 'before the whole began');
  t.equal(bar(90, 500, 100, 10), '         █', 'beyond its end');
  t.equal(bar(0, 0, 0, 10), '▏', 'a trace without any length');
});

t.test('services have colours of their own, stable by name', async (t) => {
  const colours = chooseColours(8);
  const names = Array.from({ length: 7 }, (_, n) => `service-${n}`);
  const painted = names.map((name) => colours.service(name, 'x', names));
  t.equal(new Set(painted).size, 7);
  const pair = ['activities-api', 'user-lookup'];
  for (const name of pair) t.equal(colours.service(name, 'x', [name]), colours.service(name, 'x', pair));
  t.match(painted[0], /^.\[38;5;\d+mx.\[0m$/);
  t.equal(chooseColours(1).service('a', 'x', ['a']), 'x', 'NO_COLOR or no terminal');
  t.match(chooseColours(4).service('a', 'x', ['a']), /^.\[\d\dmx/);
});

t.test('text takes exactly the columns it is given', async (t) => {
  for (const text of ['abc', 'a long name', '日本語のスパン', '👩‍👩‍👧 family', 'é́', '']) {
    for (const width of [1, 2, 5, 12]) t.equal(columnsOf(fit(text, width)), width, `${text} in ${width}`);
  }
  t.equal(fit('activities', 6), 'activ…');
  t.equal(harmless('a\u001b[31mb\n\ud800'), 'a\ufffd[31mb\ufffd\ufffd');
});
