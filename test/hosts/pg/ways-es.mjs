import pg from 'pg';
import { serve } from './serve.mjs';
import { waysOf } from './ways.mjs';

await serve(await waysOf(pg));
