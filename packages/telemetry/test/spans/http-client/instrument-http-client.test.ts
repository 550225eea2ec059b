import { instrumentHttpClient } from '../../../src/spans/http-client/instrument-http-client.ts';
import { testHttpClient } from './http-client-suite.ts';

testHttpClient(instrumentHttpClient);
