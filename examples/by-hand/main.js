// Each service is a process of its own.
import { fork } from 'node:child_process';

const services = ['user-lookup.js', 'activities-api.js'].map((file) => fork(new URL(file, import.meta.url)));
process.once('SIGTERM', () => services.forEach((service) => service.kill()));
