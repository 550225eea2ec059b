const pg = require('pg');

Promise.all([import('./ways.mjs'), import('./serve.mjs')]).then(async ([{ waysOf }, { serve }]) => serve(await waysOf(pg)));
