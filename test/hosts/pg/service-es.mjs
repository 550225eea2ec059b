import fastify from 'fastify';
import pg from 'pg';
import { runService } from './service.mjs';

await runService({ fastify, Pool: pg.Pool });
