/** A sentence in its parts: texts, and what it says of services. */
export type Sentence = readonly (string | ServicePart)[];

/** What a sentence says of a service, and what stands there instead for a reader who knows the service: a row may name it. */
interface ServicePart {
  readonly service: string;
  readonly text: string;
  readonly known: string;
}

/** A part about a service. @example ofService('shop', ' of shop') */
export function ofService(service: string, text: string, known = ''): Sentence {
  return [{ service, text, known }];
}

/** A sentence of texts and further parts. @example say`${spanWords(model, 0)} failed` */
export function say(texts: TemplateStringsArray, ...values: readonly (string | Sentence)[]): Sentence {
  return texts.flatMap((text, at) => [text, ...[values[at] ?? []].flat()]);
}

/** A sentence as text. @param known the service that its reader knows */
export function sentenceText(sentence: Sentence, known?: string): string {
  return sentence
    .map((part) => (typeof part === 'string' ? part : part.service === known ? part.known : part.text))
    .join('');
}
