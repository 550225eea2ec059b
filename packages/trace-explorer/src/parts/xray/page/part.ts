import type { PagePart } from '../../../page/part.ts';
import { part as xray } from '../part.ts';

export const part: PagePart = {
  part: xray,
  spanForms: [['xray', 'X-Ray', 'As the AWS X-Ray exporter of the OpenTelemetry Collector would send it.']],
};
