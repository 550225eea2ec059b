import './crash.system.test.ts';
