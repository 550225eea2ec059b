import { EntityRefFields } from '../fields/common.ts';
import type { EntityRef } from '../messages/entity-ref.ts';
import type { ProtobufReader } from './reader.ts';

/** Reads an EntityRef whose tag was read. @throws RangeError for malformed bytes; LimitError */
export function readEntityRef(reader: ProtobufReader): EntityRef {
  reader.spend();
  const outer = reader.enter();
  let schemaUrl = '';
  let type = '';
  const idKeys: string[] = [];
  const descriptionKeys: string[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === EntityRefFields.schemaUrl) schemaUrl = reader.text();
    else if (tag === EntityRefFields.type) type = reader.text();
    else if (tag === EntityRefFields.idKeys || tag === EntityRefFields.descriptionKeys) {
      reader.spend();
      (tag === EntityRefFields.idKeys ? idKeys : descriptionKeys).push(reader.text());
    } else reader.skip(tag);
  }
  reader.leave(outer);
  return { schemaUrl, type, idKeys, descriptionKeys };
}
