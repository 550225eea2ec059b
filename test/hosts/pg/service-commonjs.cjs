const fastify = require('fastify');
const { Pool } = require('pg');

import('./service.mjs').then(({ runService }) => runService({ fastify, Pool }));
